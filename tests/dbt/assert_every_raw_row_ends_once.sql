{{ config(meta={'dagster': {'ref': {'name': 'rpt_event_conservation'}}}) }}

-- What landing counted against what its files hold, and that against the verdicts, per load day and source.
select *
from {{ ref('rpt_event_conservation') }}
where
    line_count <> dead_letter_count + raw_count
    or raw_count <> accepted_count + duplicated_count + rejected_count + forgotten_count
