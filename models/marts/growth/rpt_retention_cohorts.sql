{%- set segmentations = {
    'all': "'all'", 'channel': 'acquisition_channel', 'country': 'country', 'city': 'city',
    'first_category': 'first_category'
} %}
with

customers as (

    {%- for segmentation, segment in segmentations.items() %}
    select
        '{{ segmentation }}' as segmentation,
        {{ segment }} as segment,
        acquisition_month as cohort_month,
        person_id,
        currency
    from {{ ref('dim_customers') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

cohorts as (

    select
        segmentation,
        segment,
        cohort_month,
        currency,
        count(*) as cohort_size
    from customers
    group by segmentation, segment, cohort_month, currency

),

months as (

    select
        month_start_date as month,
        max(case when is_in_whole_month then 1 else 0 end) = 1 as is_whole_month
    from {{ ref('dim_dates') }}
    group by month_start_date

),

active as (

    select
        person_id,
        {{ month_start('activity_date') }} as month,
        cast(max(case when session_count > 0 then 1 else 0 end) as bigint) as visited,
        cast(max(case when order_count > 0 then 1 else 0 end) as bigint) as ordered,
        cast(sum(order_count) as bigint) as order_count
    from {{ ref('fct_person_days') }}
    group by person_id, {{ month_start('activity_date') }}

),

earned as (

    select
        person_id,
        order_month as month,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_order_values') }}
    group by person_id, order_month

),

summed as (

    select
        customers.segmentation,
        customers.segment,
        customers.cohort_month,
        active.month,
        cast(sum(active.visited) as bigint) as visited_count,
        cast(sum(active.ordered) as bigint) as ordered_count,
        cast(sum(active.order_count) as bigint) as order_count,
        sum(earned.net_revenue) as net_revenue,
        sum(earned.gross_margin) as gross_margin
    from customers
    inner join active on customers.person_id = active.person_id and customers.cohort_month <= active.month
    left join earned on active.person_id = earned.person_id and active.month = earned.month
    group by customers.segmentation, customers.segment, customers.cohort_month, active.month

),

-- A month in which nobody of a cohort came is a row of zeros.
filled as (

    select
        cohorts.segmentation,
        cohorts.segment,
        cohorts.cohort_month,
        {{ month_number('months.month') }} - {{ month_number('cohorts.cohort_month') }} as month_number,
        months.month as activity_month,
        months.is_whole_month,
        cohorts.cohort_size,
        coalesce(summed.visited_count, 0) as visited_count,
        coalesce(summed.ordered_count, 0) as ordered_count,
        coalesce(summed.order_count, 0) as order_count,
        cohorts.currency,
        cast(coalesce(summed.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        cast(coalesce(summed.gross_margin, 0) as decimal(18, 2)) as gross_margin
    from cohorts
    inner join months on cohorts.cohort_month <= months.month
    left join summed
        on
            cohorts.segmentation = summed.segmentation
            and cohorts.segment = summed.segment
            and cohorts.cohort_month = summed.cohort_month
            and months.month = summed.month

),

final as (

    select
        segmentation,
        segment,
        cohort_month,
        month_number,
        activity_month,
        is_whole_month,
        cohort_size,
        visited_count,
        ordered_count,
        cast(visited_count as double) / nullif(cohort_size, 0) as visit_retention_rate,
        cast(ordered_count as double) / nullif(cohort_size, 0) as order_retention_rate,
        order_count,
        currency,
        net_revenue,
        gross_margin,
        cast(sum(net_revenue) over (
            partition by segmentation, segment, cohort_month order by month_number
            rows between unbounded preceding and current row
        ) as decimal(18, 2)) as cumulative_net_revenue,
        cast(sum(gross_margin) over (
            partition by segmentation, segment, cohort_month order by month_number
            rows between unbounded preceding and current row
        ) as decimal(18, 2)) as cumulative_gross_margin
    from filled

)

select * from final
