with

orders as (

    select
        orders.person_id,
        orders.order_date,
        orders.net_revenue,
        customers.first_order_date
    from {{ ref('fct_order_values') }} as orders
    inner join {{ ref('fct_customer_rfm') }} as customers on orders.person_id = customers.person_id
    where not orders.is_cancelled

),

currency as (

    select max(currency) as currency from {{ ref('fct_order_values') }}

),
{%- for period in ['week', 'month'] %}
{%- set start = week_start if period == 'week' else month_start %}

{{ period }}s as (

    select distinct {{ period }}_start_date as period_start_date
    from {{ ref('dim_dates') }}
    where is_in_whole_{{ period }}

),

{{ period }}_orders as (

    select
        {{ start('order_date') }} as period_start_date,
        {{ start('first_order_date') }} as cohort_start_date,
        count(*) as order_count,
        sum(net_revenue) as net_revenue
    from orders
    group by 1, 2

),

{{ period }}_totals as (

    select
        {{ period }}s.period_start_date,
        cast(coalesce(sum(counted.order_count), 0) as bigint) as order_count,
        coalesce(sum(counted.net_revenue), 0) as net_revenue
    from {{ period }}s
    left join {{ period }}_orders as counted on {{ period }}s.period_start_date = counted.period_start_date
    group by {{ period }}s.period_start_date

),

-- Only cohorts of a whole period: the first days of the data are no week like any other.
{{ period }}_cohorts as (

    select
        {{ period }}s.period_start_date as cohort_start_date,
        count(*) as customer_count
    from {{ ref('fct_customer_rfm') }} as customers
    inner join {{ period }}s
        on {{ start('customers.first_order_date') }} = {{ period }}s.period_start_date
    group by {{ period }}s.period_start_date

),

-- A period without orders is a row of 0, not a gap.
{{ period }}_ages as (

    select
        cohorts.cohort_start_date,
        cohorts.customer_count,
        {{ period }}s.period_start_date,
        coalesce(counted.net_revenue, 0) as net_revenue
    from {{ period }}_cohorts as cohorts
    inner join {{ period }}s on cohorts.cohort_start_date < {{ period }}s.period_start_date
    left join {{ period }}_orders as counted
        on
            {{ period }}s.period_start_date = counted.period_start_date
            and cohorts.cohort_start_date = counted.cohort_start_date

),
{%- endfor %}

unioned as (
    {% for period in ['week', 'month'] %}
    select
        'total/orders' as series_id,
        'orders' as metric,
        '{{ period }}' as period,
        false as is_cohort,
        cast(null as date) as cohort_start_date,
        period_start_date,
        cast(order_count as double) as value
    from {{ period }}_totals
    union all
    select
        'total/net_revenue' as series_id,
        'net_revenue' as metric,
        '{{ period }}' as period,
        false as is_cohort,
        cast(null as date) as cohort_start_date,
        period_start_date,
        cast(net_revenue as double) as value
    from {{ period }}_totals
    union all
    select
        'cohort/' || cast(cohort_start_date as {{ dbt.type_string() }}) || '/net_revenue_per_customer'
            as series_id,
        'net_revenue_per_customer' as metric,
        '{{ period }}' as period,
        true as is_cohort,
        cohort_start_date,
        period_start_date,
        cast(net_revenue as double) / nullif(customer_count, 0) as value
    from {{ period }}_ages
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

final as (

    select
        unioned.series_id,
        unioned.metric,
        unioned.period,
        unioned.is_cohort,
        unioned.cohort_start_date,
        unioned.period_start_date,
        case when unioned.metric = 'orders' then null else currency.currency end as currency,
        unioned.value
    from unioned
    cross join currency

)

select * from final
