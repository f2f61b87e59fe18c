{{ config(meta={'dagster': {'ref': {'name': 'rpt_event_conservation'}}}) }}

-- Raw rows and dead letters against accepted, duplicated, rejected and dead letters, per load day and source.
select *
from {{ ref('rpt_event_conservation') }}
where line_count <> dead_letter_count + accepted_count + duplicated_count + rejected_count
