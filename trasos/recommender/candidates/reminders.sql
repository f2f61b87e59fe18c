-- What a person looked at or put into the cart and did not buy since.
-- Parameters: as_of (seconds), half_life_days.
with

past as (

    select
        person,
        product,
        grade,
        event_at
    from events
    where event_at < $as_of and grade > 0

),

by_pair as (

    select
        person,
        product,
        max(event_at) filter (where grade = 1) as looked_at,
        max(event_at) filter (where grade = 2) as carted_at,
        max(event_at) filter (where grade = 3) as bought_at
    from past
    group by person, product

),

final as (

    select
        person,
        product,
        -- A cart counts as four looks, as in the weights of events; each fades with its age.
        (
            coalesce(power(0.5, ($as_of - looked_at) / (86400e0 * $half_life_days)), 0)
            + coalesce(4 * power(0.5, ($as_of - carted_at) / (86400e0 * $half_life_days)), 0)
        ) as score
    from by_pair
    where bought_at is null or bought_at < coalesce(greatest(looked_at, carted_at), bought_at)

)

select * from final
where score > 0
order by person, product
