-- What was told stays told: a full refresh would forget it, so there is none.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        enabled=target.type == 'duckdb',
        tags=['one_machine'],
    )
}}

with

months as (

    select distinct month_start_date as month
    from {{ ref('dim_dates') }}
    where is_in_whole_month

),

visits as (

    select
        {{ month_start('session_date') }} as month,
        cast(count(*) as double) as session_count,
        cast(sum(case when has_order then 1 else 0 end) as double) / nullif(count(*), 0) as conversion_rate
    from {{ ref('fct_sessions') }}
    group by {{ month_start('session_date') }}

),

orders as (

    select
        order_month as month,
        cast(count(*) as double) as order_count,
        cast(sum(case when is_first_order then 1 else 0 end) as double) as new_customer_count,
        cast(sum(net_revenue) as double) as net_revenue,
        cast(sum(gross_margin) as double) as gross_margin
    from {{ ref('fct_order_values') }}
    group by order_month

),

churn as (

    select * from {{ ref('rpt_churn_monthly') }}
    where population = 'customers'

),

cohorts as (

    select * from {{ ref('rpt_retention_cohorts') }}
    where segmentation = 'all' and month_number = 1

),

told as (

    {%- for figure, source in {
        'session_count': 'visits', 'conversion_rate': 'visits', 'order_count': 'orders',
        'new_customer_count': 'orders', 'net_revenue': 'orders', 'gross_margin': 'orders',
        'churn_rate': 'churn'
    }.items() %}
    select
        month,
        '{{ figure }}' as figure,
        {{ figure }} as figure_value
    from {{ source }}
    union all
    {%- endfor %}
    select
        activity_month as month,
        'retention_rate_of_the_month_before' as figure,
        order_retention_rate as figure_value
    from cohorts

),

current_figures as (

    select told.*
    from told
    inner join months on told.month = months.month
    where told.figure_value is not null

),

{% if is_incremental() %}
    ranked as (

        select
            *,
            row_number() over (partition by month, figure order by reported_at desc nulls last) as place
        from {{ this }}

    ),

    last_told as (

        select * from ranked
        where place = 1

    ),

{% endif %}
final as (

    select
        current_figures.month,
        current_figures.figure,
        current_figures.figure_value,
        '{{ figure_definition() }}' as definition,
        {{ timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S')) }} as reported_at
    from current_figures
    {% if is_incremental() %}
        left join last_told
            on current_figures.month = last_told.month and current_figures.figure = last_told.figure
        where
            last_told.month is null
            or last_told.figure_value <> current_figures.figure_value
            or last_told.definition <> '{{ figure_definition() }}'
    {% endif %}

)

select * from final
