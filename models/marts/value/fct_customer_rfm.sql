with

orders as (

    select * from {{ ref('fct_order_values') }}
    where not is_cancelled

),

observed as (

    select max(date_day) as as_of_date from {{ ref('dim_dates') }}

),

-- Orders of one day are one purchase: two parcels of one evening say nothing of coming back.
order_days as (

    select
        person_id,
        order_date,
        max(currency) as currency,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from orders
    group by person_id, order_date

),

placed as (

    select
        *,
        min(order_date) over (partition by person_id) as first_order_date
    from order_days

),

summed as (

    select
        person_id,
        max(currency) as currency,
        first_order_date,
        max(order_date) as last_order_date,
        count(*) as order_day_count,
        count(*) - 1 as frequency,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin,
        sum(case when order_date > first_order_date then net_revenue else 0 end) as repeat_revenue,
        count(case when order_date > first_order_date and net_revenue > 0 then 1 end) as valued_frequency,
        sum(case when order_date > first_order_date and net_revenue > 0 then net_revenue else 0 end)
            as valued_repeat_revenue,
        sum(
            case
                when
                    order_date < {{ add_days('first_order_date', var('ltv_horizon_days')) }}
                    then gross_margin
                else 0
            end
        ) as horizon_gross_margin
    from placed
    group by person_id, first_order_date

),

dated as (

    select
        summed.*,
        observed.as_of_date,
        {{ day_number('summed.last_order_date') }} - {{ day_number('summed.first_order_date') }} as recency_days,
        {{ day_number('observed.as_of_date') }} - {{ day_number('summed.first_order_date') }} as age_days,
        {{ day_number('observed.as_of_date') }} - {{ day_number('summed.last_order_date') }} as days_since_last_order
    from summed
    cross join observed

),

-- How many customers stand below: equal customers have equal ranks, and so equal scores.
ranked as (

    select
        *,
        rank() over (order by days_since_last_order desc nulls last) - 1 as less_recent,
        rank() over (order by order_day_count asc nulls last) - 1 as less_frequent,
        rank() over (order by net_revenue asc nulls last) - 1 as less_worth,
        count(*) over () as customer_count
    from dated

),

scored as (

    select
        *,
        cast({{ whole_quotient('5 * less_recent', 'customer_count') }} + 1 as integer) as recency_score,
        cast({{ whole_quotient('5 * less_frequent', 'customer_count') }} + 1 as integer) as frequency_score,
        cast({{ whole_quotient('5 * less_worth', 'customer_count') }} + 1 as integer) as monetary_score
    from ranked

),

final as (

    select
        person_id,
        as_of_date,
        first_order_date,
        last_order_date,
        order_day_count,
        frequency,
        cast(recency_days as integer) as recency_days,
        cast(age_days as integer) as age_days,
        cast(days_since_last_order as integer) as days_since_last_order,
        currency,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(gross_margin as decimal(18, 2)) as gross_margin,
        {{ money_per('repeat_revenue', 'frequency') }} as monetary_value,
        valued_frequency,
        cast(valued_repeat_revenue as decimal(18, 2)) as valued_repeat_revenue,
        cast(horizon_gross_margin as decimal(18, 2)) as horizon_gross_margin,
        recency_score,
        frequency_score,
        monetary_score,
        cast(100 * recency_score + 10 * frequency_score + monetary_score as integer) as rfm_score
    from scored

)

select * from final
