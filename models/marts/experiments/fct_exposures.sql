with

experiments as (

    select * from {{ ref('dim_experiments') }}

),

variations as (

    select * from {{ ref('experiment_variations') }}

),

events as (

    select
        session_id,
        event_id,
        event_at,
        experiment_assignments
    from {{ ref('int_events_sessionized') }}
    where experiment_assignments is not null

),

-- The person is joined when read, as for visits: a login after weeks makes two devices one person.
seen as (

    select
        experiments.experiment_id,
        sessions.person_id,
        {{ json_text_at('events.experiment_assignments', 'experiments.experiment_id') }} as variation_id,
        events.event_at,
        events.event_id,
        events.session_id,
        sessions.device_type,
        sessions.country
    from events
    inner join {{ ref('fct_sessions') }} as sessions on events.session_id = sessions.session_id
    cross join experiments
    where
        (experiments.starts_at is null or events.event_at >= experiments.starts_at)
        and (experiments.ends_at is null or events.event_at < experiments.ends_at)

),

exposures as (

    select
        experiment_id,
        person_id,
        variation_id,
        min(event_at) as first_exposed_at,
        max(event_at) as last_exposed_at,
        count(*) as exposure_count,
        {{ first_by('session_id', 'event_at', 'event_id') }} as session_id,
        {{ first_by('device_type', 'event_at', 'event_id') }} as device_type,
        {{ first_by('country', 'event_at', 'event_id') }} as country
    from seen
    where variation_id is not null
    group by experiment_id, person_id, variation_id

),

final as (

    select
        exposures.*,
        cast(exposures.first_exposed_at as date) as exposure_date,
        count(*) over (partition by exposures.experiment_id, exposures.person_id) > 1 as is_contaminated,
        variations.variation_id is not null as is_known_variation
    from exposures
    left join variations
        on
            exposures.experiment_id = variations.experiment_id
            and exposures.variation_id = variations.variation_id

)

select * from final
