with

sessions as (

    select * from {{ ref('fct_sessions') }}

),

orders as (

    select
        order_id,
        session_id,
        ordered_at,
        is_first_order,
        visitor_person_id as person_id
    from {{ ref('fct_order_values') }}

),

numbered as (

    select
        *,
        row_number() over (partition by person_id order by ordered_at asc, order_id asc) as order_number
    from orders

),

-- The visit in which an order was placed belongs to its buyer, and began no later than the order.
placed as (

    select
        session_id,
        {{ first_by('person_id', 'ordered_at', 'order_id') }} as person_id,
        min(ordered_at) as ordered_at
    from numbered
    where session_id is not null
    group by session_id

),

visits as (

    select
        sessions.session_id,
        coalesce(placed.person_id, sessions.person_id) as person_id,
        case when placed.ordered_at < sessions.started_at then placed.ordered_at else sessions.started_at end
            as touched_at,
        sessions.channel,
        case when {{ is_blank('sessions.utm_campaign') }} then 'none' else lower(trim(sessions.utm_campaign)) end
            as campaign,
        sessions.is_direct
    from sessions
    left join placed on sessions.session_id = placed.session_id

),

timeline as (

    select
        person_id,
        session_id,
        touched_at as happened_at,
        0 as is_order
    from visits
    union all
    select
        person_id,
        cast(null as {{ dbt.type_string() }}) as session_id,
        ordered_at as happened_at,
        1 as is_order
    from numbered

),

-- A path ends at an order, and the next begins: a visit is on the path of the first order after it.
counted as (

    select
        person_id,
        session_id,
        cast(sum(is_order) over (
            partition by person_id order by happened_at asc nulls last, is_order asc nulls last
            rows between unbounded preceding and current row
        ) as bigint) + 1 as path_number
    from timeline

),

-- A visit that placed several orders is on the path of each.
walked as (

    select
        person_id,
        session_id,
        path_number
    from counted
    where session_id is not null
    union
    select
        person_id,
        session_id,
        order_number as path_number
    from numbered
    where session_id is not null
    {%- if not var('attribution_path_ends_at_order') %}
    union
    select
        visits.person_id,
        visits.session_id,
        numbered.order_number as path_number
    from visits
    inner join numbered
        on
            visits.person_id = numbered.person_id
            and visits.touched_at <= numbered.ordered_at
            and {{ add_hours('visits.touched_at', 24 * var('attribution_lookback_days')) }} >= numbered.ordered_at
    {%- endif %}

),

-- What lies too far before the order did not bring it: it is a path without one.
ended as (

    select
        visits.person_id,
        visits.session_id,
        visits.touched_at,
        visits.channel,
        visits.campaign,
        visits.is_direct,
        walked.path_number,
        numbered.order_id,
        numbered.ordered_at,
        numbered.is_first_order
    from walked
    inner join visits on walked.session_id = visits.session_id and walked.person_id = visits.person_id
    left join numbered
        on
            walked.person_id = numbered.person_id
            and walked.path_number = numbered.order_number
            and {{ add_hours('visits.touched_at', 24 * var('attribution_lookback_days')) }} >= numbered.ordered_at

),

named as (

    select
        md5(
            person_id || '|' || cast(path_number as {{ dbt.type_string() }})
            || case when order_id is null then '|open' else '' end
        ) as path_id,
        *
    from ended

),

final as (

    select
        path_id,
        person_id,
        session_id,
        cast(row_number() over (partition by path_id order by touched_at asc nulls last, session_id asc) as integer)
            as touch_number,
        cast(count(*) over (partition by path_id) as integer) as touch_count,
        touched_at,
        channel,
        campaign,
        is_direct,
        order_id,
        ordered_at,
        is_first_order
    from named

)

select * from final
