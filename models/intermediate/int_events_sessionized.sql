{{ config(materialized='view') }}

select
    {{ event_columns('accepted') }},
    held.session_id
from {{ ref('int_events_accepted') }} as accepted
inner join {{ ref('int_session_slots') }} as held
    on accepted.visitor_id = held.visitor_id and {{ slot_number('accepted.event_at') }} = held.slot
