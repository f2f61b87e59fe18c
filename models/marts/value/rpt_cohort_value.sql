with

customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('fct_order_values') }}

),

months as (

    select distinct
        month_start_date,
        is_in_whole_month
    from {{ ref('dim_dates') }}

),

cohorts as (

    select
        acquisition_month,
        acquisition_channel,
        max(currency) as currency,
        count(*) as customer_count
    from customers
    group by acquisition_month, acquisition_channel

),

ordered as (

    select
        customers.acquisition_month,
        customers.acquisition_channel,
        orders.order_month,
        count(case when not orders.is_cancelled then 1 end) as uncancelled_order_count,
        sum(orders.net_revenue) as net_revenue,
        sum(orders.gross_margin) as gross_margin
    from orders
    inner join customers on orders.person_id = customers.person_id
    group by customers.acquisition_month, customers.acquisition_channel, orders.order_month

),

-- A month without orders is a row of 0: without it a payback would skip it.
aged as (

    select
        cohorts.acquisition_month,
        cohorts.acquisition_channel,
        {{ month_number('months.month_start_date') }} - {{ month_number('cohorts.acquisition_month') }} as month_age,
        months.month_start_date,
        months.is_in_whole_month,
        cohorts.customer_count,
        cohorts.currency,
        coalesce(ordered.uncancelled_order_count, 0) as uncancelled_order_count,
        coalesce(ordered.net_revenue, 0) as net_revenue,
        coalesce(ordered.gross_margin, 0) as gross_margin
    from cohorts
    inner join months on cohorts.acquisition_month <= months.month_start_date
    left join ordered
        on
            cohorts.acquisition_month = ordered.acquisition_month
            and cohorts.acquisition_channel = ordered.acquisition_channel
            and months.month_start_date = ordered.order_month

),

final as (

    select
        acquisition_month,
        acquisition_channel,
        cast(month_age as integer) as month_age,
        month_start_date,
        is_in_whole_month,
        customer_count,
        currency,
        cast(uncancelled_order_count as bigint) as uncancelled_order_count,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(gross_margin as decimal(18, 2)) as gross_margin,
        cast(sum(net_revenue) over cohort_so_far as decimal(18, 2)) as cumulated_net_revenue,
        cast(sum(gross_margin) over cohort_so_far as decimal(18, 2)) as cumulated_gross_margin,
        {{ money_per('sum(gross_margin) over cohort_so_far', 'customer_count') }} as cumulated_margin_per_customer
    from aged
    window cohort_so_far as (
        partition by acquisition_month, acquisition_channel order by month_age asc nulls last
        rows between unbounded preceding and current row
    )

)

select * from final
