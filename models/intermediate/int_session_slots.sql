{{
    config(
        materialized='incremental',
        meta={'day': 'slot'},
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ forget_session_slots(this) }}",
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set earliest = earliest_session_slot(this, touched_bounds(watermark(this))) %}

with

-- What the hook took out, and what is new: the slots that no session holds.
slots as (

    select
        slots.visitor_id,
        slots.slot,
        slots.first_event_at,
        slots.last_event_at,
        slots.first_event_id
    from {{ ref('int_visitor_slots') }} as slots
    {% if is_incremental() %}
    left join {{ kept(this) }} as held
        on slots.visitor_id = held.visitor_id and slots.slot = held.slot and held.slot >= {{ earliest }}
    where slots.slot >= {{ earliest }} and held.visitor_id is null
    {% endif %}

),

-- Only neighbours can be closer than the timeout.
lagged as (

    select
        *,
        {{ epoch_us('first_event_at') }} - {{ epoch_us(
            'lag(last_event_at) over (partition by visitor_id order by slot)'
        ) }} as gap_us
    from slots

),

-- A session is called by the slot that it begins in until its name is made.
begun as (

    select
        *,
        max(case when gap_us is null or gap_us > {{ slot_us() }} then slot end) over (
            partition by visitor_id order by slot
            rows between unbounded preceding and current row
        ) as session_first_slot
    from lagged

),

-- The name hangs on the first event, which no event before or after this session can change.
first_slots as (

    select
        visitor_id,
        slot,
        md5(visitor_id || '|' || first_event_id) as session_id
    from begun
    where slot = session_first_slot

),

final as (

    select
        begun.visitor_id,
        begun.slot,
        begun.session_first_slot,
        first_slots.session_id
    from begun
    inner join first_slots
        on begun.visitor_id = first_slots.visitor_id and begun.session_first_slot = first_slots.slot

)

select * from final
{{ laid_out_by('slot') }}
