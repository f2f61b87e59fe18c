{%- set day_us = '86400000000' -%}
with

experiments as (

    select * from {{ ref('dim_experiments') }}

),

newest as (

    select max(ended_at) as newest_at from {{ ref('fct_sessions') }}

),

currencies as (

    select * from {{ ref('int_reporting_currency') }}

),

exposed as (

    select
        experiment_id,
        person_id,
        {{ first_by('variation_id', 'first_exposed_at', 'variation_id') }} as variation_id,
        {{ first_by('session_id', 'first_exposed_at', 'variation_id') }} as session_id,
        {{ first_by('device_type', 'first_exposed_at', 'variation_id') }} as device_type,
        {{ first_by('country', 'first_exposed_at', 'variation_id') }} as country,
        min(first_exposed_at) as first_exposed_at,
        count(*) > 1 as is_contaminated,
        sum(case when is_known_variation then 0 else 1 end) > 0 as is_unknown
    from {{ ref('fct_exposures') }}
    group by experiment_id, person_id

),

-- What counts as before and as after, in moments.
windows as (

    select
        exposed.*,
        {{ timestamp_from_us(
            epoch_us('exposed.first_exposed_at') ~ ' - ' ~ var('experiment_covariate_days') ~ ' * ' ~ day_us
        ) }} as known_from,
        {{ timestamp_from_us(
            epoch_us('exposed.first_exposed_at') ~ ' + experiments.outcome_window_days * ' ~ day_us
        ) }} as window_ends_at
    from exposed
    inner join experiments on exposed.experiment_id = experiments.experiment_id

),

orders as (

    select
        windows.experiment_id,
        windows.person_id,
        orders.ordered_at >= windows.first_exposed_at as is_after,
        orders.is_cancelled,
        orders.net_revenue,
        orders.gross_margin
    from windows
    inner join {{ ref('fct_order_values') }} as orders
        on
            windows.person_id = orders.visitor_person_id
            and windows.known_from <= orders.ordered_at
            and windows.window_ends_at > orders.ordered_at

),

ordered as (

    select
        experiment_id,
        person_id,
        cast(sum(case when is_after then 1 else 0 end) as bigint) as order_count,
        cast(sum(case when is_after and is_cancelled then 1 else 0 end) as bigint) as cancelled_order_count,
        cast(sum(case when is_after and net_revenue is null then 1 else 0 end) as bigint) as unvalued_order_count,
        cast(sum(case when is_after then net_revenue end) as decimal(18, 2)) as net_revenue,
        cast(sum(case when is_after then gross_margin end) as decimal(18, 2)) as gross_margin,
        cast(sum(case when is_after then 0 else 1 end) as bigint) as pre_order_count,
        cast(sum(case when is_after then null else net_revenue end) as decimal(18, 2)) as pre_net_revenue
    from orders
    group by experiment_id, person_id

),

visited as (

    select
        windows.experiment_id,
        windows.person_id,
        cast(sum(case
            when
                sessions.started_at >= windows.first_exposed_at
                and sessions.started_at < windows.window_ends_at
                then 1
            else 0
        end) as bigint) as session_count,
        cast(sum(case
            when
                sessions.ended_at < windows.first_exposed_at
                and sessions.started_at >= windows.known_from
                then 1
            else 0
        end) as bigint) as pre_session_count,
        min(sessions.ended_at) < max(windows.first_exposed_at) as is_returning
    from windows
    inner join {{ ref('fct_sessions') }} as sessions on windows.person_id = sessions.person_id
    group by windows.experiment_id, windows.person_id

),

final as (

    select
        windows.experiment_id,
        windows.person_id,
        windows.variation_id,
        windows.session_id,
        windows.first_exposed_at,
        windows.window_ends_at,
        newest.newest_at as as_of,
        case
            when windows.is_contaminated then 'contaminated'
            when windows.is_unknown then 'unknown_variation'
            when windows.window_ends_at > newest.newest_at then 'open'
            else 'counted'
        end as status,
        windows.device_type,
        windows.country,
        case when coalesce(visited.is_returning, false) then 'returning' else 'new' end as visitor_kind,
        case when coalesce(ordered.order_count, 0) > 0 then 1 else 0 end as converted,
        coalesce(ordered.order_count, 0) as order_count,
        coalesce(ordered.cancelled_order_count, 0) as cancelled_order_count,
        coalesce(ordered.unvalued_order_count, 0) as unvalued_order_count,
        currencies.currency,
        cast(coalesce(ordered.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        cast(coalesce(ordered.gross_margin, 0) as decimal(18, 2)) as gross_margin,
        coalesce(visited.session_count, 0) as session_count,
        coalesce(ordered.pre_order_count, 0) as pre_order_count,
        cast(coalesce(ordered.pre_net_revenue, 0) as decimal(18, 2)) as pre_net_revenue,
        coalesce(visited.pre_session_count, 0) as pre_session_count
    from windows
    cross join newest
    cross join currencies
    left join ordered
        on windows.experiment_id = ordered.experiment_id and windows.person_id = ordered.person_id
    left join visited
        on windows.experiment_id = visited.experiment_id and windows.person_id = visited.person_id

)

select * from final
