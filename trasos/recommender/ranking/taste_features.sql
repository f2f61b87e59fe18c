-- One row a person and category or brand: how they took to it before a moment.
-- Parameters: as_of (seconds), half_life_days.
with

traits as (

    select
        product,
        'category' as trait,
        category as trait_value
    from products
    union all
    select
        product,
        'brand' as trait,
        brand as trait_value
    from products

),

past as (

    select
        events.person,
        traits.trait,
        traits.trait_value,
        events.grade,
        events.event_at,
        events.weight
        * power(0.5, ($as_of - events.event_at) / (86400e0 * $half_life_days)) as weight
    from events
    inner join traits on events.product = traits.product
    where events.event_at < $as_of

),

counted as (

    select
        person,
        trait,
        trait_value,
        count(*) filter (where grade = 1) as looks,
        count(*) filter (where grade = 2) as carts,
        count(*) filter (where grade = 3) as buys,
        ($as_of - max(event_at)) / 86400e0 as days_since,
        sum(weight) as weight
    from past
    group by person, trait, trait_value

),

final as (

    select
        person,
        trait,
        trait_value,
        looks,
        carts,
        buys,
        days_since,
        weight,
        weight / sum(weight) over (partition by person, trait) as share
    from counted

)

select * from final
order by trait, person, trait_value
