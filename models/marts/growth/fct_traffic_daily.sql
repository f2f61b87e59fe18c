{{
    config(
        materialized='incremental',
        meta={'day': 'session_date'},
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ forget_days(this) }}",
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set touched = touched_bounds(watermark(this)) %}
{%- set earliest = earliest_session_slot(ref('int_session_slots'), touched) %}

with

sessions as (

    select
        *,
        cast(started_at as date) as session_date
    from {{ ref('int_sessions') }}
    {% if is_incremental() %}
    where
        {{ touched.last }} >= {{ touched.first }}
        and started_at >= cast({{ slot_start(earliest) }} as date)
        and cast(started_at as date) <= cast({{ slot_start(touched.last + 1) }} as date)
    {% endif %}

),

final as (

    select
        session_date,
        source,
        coalesce(device_type, 'unknown') as device_type,
        cast(sum(case when bot_rule is null then 1 else 0 end) as bigint) as session_count,
        count(distinct case when bot_rule is null then visitor_id end) as visitor_count,
        cast(sum(case when bot_rule is null then event_count else 0 end) as bigint) as event_count,
        cast(sum(case when bot_rule is null then page_view_count else 0 end) as bigint) as page_view_count,
        cast(sum(case when bot_rule is null then product_view_count else 0 end) as bigint) as product_view_count,
        cast(sum(case when bot_rule is null then cart_event_count else 0 end) as bigint) as cart_event_count,
        cast(sum(case when bot_rule is null then order_event_count else 0 end) as bigint) as order_event_count,
        cast(sum(case when bot_rule is null then 0 else 1 end) as bigint) as bot_session_count,
        cast(sum(case when bot_rule is null then 0 else event_count end) as bigint) as bot_event_count
    from sessions
    group by session_date, source, coalesce(device_type, 'unknown')

)

select * from final
