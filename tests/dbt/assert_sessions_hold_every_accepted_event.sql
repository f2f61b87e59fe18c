{{ config(meta={'dagster': {'ref': {'name': 'int_sessions'}}}) }}

select accepted.event_count as accepted_count, sessions.event_count as sessions_count
from (select count(*) as event_count from {{ ref('int_events_accepted') }}) as accepted
cross join (
    select cast(coalesce(sum(event_count), 0) as bigint) as event_count from {{ ref('int_sessions') }}
) as sessions
where accepted.event_count <> sessions.event_count
