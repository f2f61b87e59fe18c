{{ config(enabled=target.type == 'duckdb') }}

with

summed as (

    select
        month_start_date,
        channel,
        model,
        currency,
        cast(sum(spend) as decimal(18, 2)) as spend,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(session_count) as bigint) as session_count,
        cast(sum(credited_orders) as decimal(18, 9)) as credited_orders,
        cast(sum(credited_customers) as decimal(18, 9)) as credited_customers,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        cast(sum(gross_margin) as decimal(18, 2)) as gross_margin
    from {{ ref('rpt_campaign_efficiency') }}
    group by month_start_date, channel, model, currency

),

final as (

    select
        month_start_date,
        channel,
        model,
        currency,
        spend,
        impressions,
        clicks,
        session_count,
        credited_orders,
        credited_customers,
        net_revenue,
        gross_margin,
        {{ efficiency_columns() }}
    from summed

)

select * from final
