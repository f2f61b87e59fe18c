{{ config(materialized='view') }}

select
    {{ event_columns('validated') }},
    validated.reject_reason,
    case
        when validated.reject_reason is not null then 'rejected'
        when copies.event_key is not null then 'duplicated'
        else 'accepted'
    end as verdict
from {{ ref('int_events_validated') }} as validated
left join {{ ref('int_event_copies') }} as copies
    on
        validated.event_key = copies.event_key
        and validated.line_number = copies.line_number
        and validated.batch_id = copies.batch_id
        and validated.source = copies.source
