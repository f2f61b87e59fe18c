with

events as (

    select * from {{ ref('ftr_interaction_events') }}

),

snapshot as (

    select max(event_at) as as_of from events

),

final as (

    select
        events.person_id,
        events.product_id,
        snapshot.as_of,
        count(*) as interaction_count,
        sum(events.weight) as weight,
        -- Summed as decimals: a sum of floats depends on the order in which threads bring them.
        cast(sum(cast(
            events.weight * power(
                0.5,
                ({{ epoch_us('snapshot.as_of') }} - {{ epoch_us('events.event_at') }})
                / (86400000000.0 * {{ var('half_life_days') }})
            )
            as decimal(28, 12)
        )) as double) as decayed_weight,
        max(events.event_at) as last_interaction_at
    from events
    cross join snapshot
    group by events.person_id, events.product_id, snapshot.as_of

)

select * from final
