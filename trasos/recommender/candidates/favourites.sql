-- The share of each category in what a person did; parameters: as_of (seconds), half_life_days.
with

past as (

    select
        events.person,
        products.category,
        events.weight
        * power(0.5, ($as_of - events.event_at) / (86400e0 * $half_life_days)) as weight
    from events
    inner join products on events.product = products.product
    where events.event_at < $as_of

),

by_category as (

    select
        person,
        category,
        sum(weight) as weight
    from past
    group by person, category

),

final as (

    select
        person,
        category,
        weight / sum(weight) over (partition by person) as share
    from by_category

)

select * from final
order by person, category
