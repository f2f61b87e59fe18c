{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'rec_champion'}}}) }}

-- A champion that every challenger loses to serves on: lists of an old model are better than none, and
-- than worse ones. But somebody should look why, so this warns and does not fail.
select
    serving.model_version,
    serving.trained_through,
    newest.event_at as newest_event_at
from {{ ref('rec_model_versions') }} as serving
inner join {{ ref('rec_champion') }} as champion on serving.model_version = champion.model_version
cross join (
    select max(event_at) as event_at from {{ ref('ftr_interaction_events') }}
) as newest
where newest.event_at > {{ add_hours('serving.trained_through', (var('gate_max_age_days') * 24) | int) }}
