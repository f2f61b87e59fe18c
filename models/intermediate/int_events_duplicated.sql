{{ config(materialized='view') }}

select
    {{ event_columns('judged') }}
from {{ ref('int_events_judged') }} as judged
where judged.verdict = 'duplicated'
