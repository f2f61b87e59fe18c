-- How much more persons a day a product draws than before; parameters: as_of (seconds), days.
with

past as (

    select
        person,
        product,
        event_at >= $as_of - $days * 86400 as is_recent
    from events
    where
        event_at < $as_of
        and event_at >= $as_of - 4 * $days * 86400
        and grade > 0

),

drawn as (

    select
        product,
        count(distinct person) filter (where is_recent) as recent_persons,
        count(distinct person) filter (where not is_recent) as earlier_persons
    from past
    group by product

),

-- A product launched within the window had less time to be met: its days count, not the window's.
timed as (

    select
        drawn.*,
        greatest(
            least(3 * $days, (($as_of - $days * 86400) - products.launched_at) / 86400e0), 0
        ) as earlier_days
    from drawn
    inner join products on drawn.product = products.product

),

final as (

    select
        product,
        -- Three persons more on either side, or the growth of the seldom met would lead.
        recent_persons * ((recent_persons + 3e0) / ($days + 3e0))
        / ((earlier_persons + 3e0) / (coalesce(earlier_days, 3 * $days) + 3e0)) as score
    from timed
    where recent_persons > 0

)

select * from final
order by product
