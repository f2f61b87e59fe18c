-- One row a person: what they did before a moment; parameters: as_of (seconds), half_life_days.
-- price_levels holds product and price_level, as of the same moment.
with

past as (

    select
        events.person,
        events.product,
        events.session,
        events.grade,
        events.event_at,
        price_levels.price_level,
        events.weight
        * power(0.5, ($as_of - events.event_at) / (86400e0 * $half_life_days)) as weight
    from events
    left join price_levels on events.product = price_levels.product
    where events.event_at < $as_of

),

final as (

    select
        person,
        count(*) filter (where grade > 0) as events,
        count(distinct product) as products,
        count(distinct session) as sessions,
        count(*) filter (where grade = 2) as carts,
        count(*) filter (where grade = 3) as buys,
        ($as_of - max(event_at)) / 86400e0 as days_since,
        ($as_of - min(event_at)) / 86400e0 as days_known,
        -- Two looks at the middle of the range stand for what is not known yet.
        sum(weight * price_level) filter (where price_level is not null)
        / (coalesce(sum(weight) filter (where price_level is not null), 0) + 2) as usual_price_level
    from past
    group by person

)

select * from final
order by person
