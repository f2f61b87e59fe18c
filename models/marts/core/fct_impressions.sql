with

events as (

    select events.*
    from {{ ref('int_events_sessionized') }} as events
    inner join {{ ref('fct_sessions') }} as sessions on events.session_id = sessions.session_id

),

lists as (

    select * from events
    where event_type = 'product_list_viewed'

),

shown as (
    {{ exploded_products(
        'lists',
        ['event_id', 'source', 'session_id', 'visitor_id', 'event_at', 'list_id', 'recommendation_id'],
        'properties'
    ) }}
),

impressions as (

    select
        md5(source || '|' || event_id || '|' || cast(position as {{ dbt.type_string() }}) || '|' || product_id)
            as impression_id,
        session_id,
        visitor_id,
        list_id,
        recommendation_id,
        product_id,
        position,
        event_at as shown_at
    from shown
    group by source, event_id, session_id, visitor_id, list_id, recommendation_id, product_id, position, event_at

),

outcomes as (

    select
        impressions.impression_id,
        max(case when actions.event_type = 'product_clicked' then 1 else 0 end) = 1 as is_clicked,
        max(case when actions.event_type = 'product_viewed' then 1 else 0 end) = 1 as is_viewed,
        max(case when actions.event_type = 'product_added' then 1 else 0 end) = 1 as is_added
    from impressions
    inner join events as actions
        on
            impressions.visitor_id = actions.visitor_id
            and impressions.product_id = actions.product_id
            and impressions.shown_at <= actions.event_at
            and actions.event_at < {{ add_hours('impressions.shown_at', var('outcome_window_hours')) }}
    where actions.event_type in ('product_clicked', 'product_viewed', 'product_added')
    group by impressions.impression_id

),

sessions as (

    select session_id, person_id from {{ ref('fct_sessions') }}

),

ordered as (

    select distinct impressions.impression_id
    from impressions
    inner join sessions on impressions.session_id = sessions.session_id
    inner join {{ ref('fct_order_items') }} as items
        on
            sessions.person_id = items.person_id
            and impressions.product_id = items.product_id
            and items.status <> 'cancelled'
            and impressions.shown_at <= items.ordered_at
            and items.ordered_at < {{ add_hours('impressions.shown_at', var('outcome_window_hours')) }}

),

final as (

    select
        impressions.impression_id,
        impressions.session_id,
        impressions.visitor_id,
        sessions.person_id,
        impressions.list_id,
        impressions.recommendation_id,
        impressions.product_id,
        impressions.position,
        impressions.shown_at,
        cast(impressions.shown_at as date) as shown_date,
        coalesce(outcomes.is_clicked, false) as is_clicked,
        coalesce(outcomes.is_viewed, false) as is_viewed,
        coalesce(outcomes.is_added, false) as is_added,
        ordered.impression_id is not null as is_ordered
    from impressions
    inner join sessions on impressions.session_id = sessions.session_id
    left join outcomes on impressions.impression_id = outcomes.impression_id
    left join ordered on impressions.impression_id = ordered.impression_id

)

select * from final
