{{ config(materialized='view') }}

select
    {{ event_columns('judged') }},
    judged.reject_reason
from {{ ref('int_events_judged') }} as judged
where judged.verdict = 'rejected'
