{{
    config(
        materialized='incremental',
        meta={'day': 'slot'},
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ forget_slots(this) }}",
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set since = watermark(this) %}
{%- set touched = touched_bounds(since) %}

with

identified as (

    select
        visitor_id,
        {{ slot_number('event_at') }} as slot,
        customer_id,
        event_at,
        event_id
    from {{ ref('int_events_accepted') }}
    where customer_id is not null
    {% if is_incremental() %}
    and event_at >= {{ slot_start(touched.first) }} and event_at < {{ slot_start(touched.last + 1) }}
    {% endif %}

),

{% if is_incremental() %}
touched as (
    {{ touched_slots(since) }}
),
{% endif %}

compared as (

    select
        identified.*,
        lag(identified.customer_id) over (
            partition by identified.visitor_id, identified.slot order by identified.event_at, identified.event_id
        ) as previous_customer_id
    from identified
    {% if is_incremental() %}
    inner join touched on identified.visitor_id = touched.visitor_id and identified.slot = touched.slot
    {% endif %}

),

-- What a slot begins with, and each change of hands within it.
final as (

    select visitor_id, slot, customer_id, event_at, event_id
    from compared
    where previous_customer_id is null or previous_customer_id <> customer_id

)

select * from final
{{ laid_out_by('slot') }}
