-- One row a product: what can be known of it at a moment; parameter: as_of (seconds).
with

past as (

    select
        person,
        product,
        grade,
        event_at,
        ($as_of - event_at) / 86400e0 as days_ago
    from events
    where event_at < $as_of

),

counted as (

    select
        product,
        count(*) filter (where grade = 1 and days_ago <= 3) as looks_3d,
        count(*) filter (where grade = 1 and days_ago <= 7) as looks_7d,
        count(*) filter (where grade = 1 and days_ago <= 14) as looks_14d,
        count(*) filter (where grade = 1 and days_ago <= 28) as looks_28d,
        count(*) filter (where grade = 1 and days_ago > 7 and days_ago <= 21) as looks_before,
        count(*) filter (where grade = 2 and days_ago <= 28) as carts_28d,
        count(*) filter (where grade = 3 and days_ago <= 28) as buys_28d,
        count(distinct person) filter (where grade > 0 and days_ago <= 28) as persons_28d,
        min(event_at) as first_at
    from past
    group by product

),

-- Products that came later would move the mean of their category.
shelf as (

    select
        products.product,
        products.category,
        ln(products.price) as log_price,
        least(coalesce(products.launched_at, counted.first_at), counted.first_at) as met_at,
        coalesce(products.launched_at, counted.first_at) as launched_at
    from products
    left join counted on products.product = counted.product
    where
        products.launched_at is null or products.launched_at <= $as_of
        or counted.product is not null

),

priced as (

    select
        category,
        avg(log_price) as mean_log_price,
        stddev_pop(log_price) as spread
    from shelf
    group by category

),

by_category as (

    select
        shelf.category,
        sum(counted.looks_14d) as category_looks_14d,
        sum(counted.looks_28d) as category_looks_28d
    from counted
    inner join shelf on counted.product = shelf.product
    group by shelf.category

),

final as (

    select
        shelf.product,
        coalesce(counted.looks_3d, 0) as looks_3d,
        coalesce(counted.looks_7d, 0) as looks_7d,
        coalesce(counted.looks_14d, 0) as looks_14d,
        coalesce(counted.looks_28d, 0) as looks_28d,
        coalesce(counted.carts_28d, 0) as carts_28d,
        coalesce(counted.buys_28d, 0) as buys_28d,
        coalesce(counted.persons_28d, 0) as persons_28d,
        ln(
            (coalesce(counted.looks_7d, 0) + 3e0) / (coalesce(counted.looks_before, 0) / 2e0 + 3e0)
        ) as trend,
        ($as_of - shelf.launched_at) / 86400e0 as age_days,
        -- What is new had fewer days to be met.
        coalesce(counted.looks_28d, 0)
        / greatest(1, least(28, ($as_of - shelf.met_at) / 86400e0)) as looks_a_day,
        coalesce(counted.looks_28d, 0) / (by_category.category_looks_28d + 1e0) as share_of_category,
        coalesce(by_category.category_looks_14d, 0) as category_looks_14d,
        shelf.log_price,
        -- A category of one price has no cheap and dear.
        case
            when priced.spread > 1e-6 then (shelf.log_price - priced.mean_log_price) / priced.spread
            else 0
        end as price_level
    from shelf
    left join counted on shelf.product = counted.product
    left join priced on shelf.category = priced.category
    left join by_category on shelf.category = by_category.category

)

select * from final
order by product
