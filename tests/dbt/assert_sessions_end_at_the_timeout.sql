{{ config(meta={'dagster': {'ref': {'name': 'int_sessions'}}}) }}

-- Two sessions of one visitor are further apart than the timeout.
with neighbours as (

    select
        session_id,
        visitor_id,
        started_at,
        lag(ended_at) over (partition by visitor_id order by started_at nulls last) as previous_ended_at
    from {{ ref('int_sessions') }}

)

select *
from neighbours
where
    {{ epoch_us('started_at') }} - {{ epoch_us('previous_ended_at') }}
    <= {{ var('session_timeout_minutes') }} * 60000000
