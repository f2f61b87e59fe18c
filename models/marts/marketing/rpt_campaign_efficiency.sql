{{ config(enabled=target.type == 'duckdb') }}

with

spend as (

    select
        {{ month_start('spend_date') }} as month_start_date,
        channel,
        campaign,
        cast(sum(amount) as decimal(18, 2)) as spend,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(platform_conversions) as bigint) as platform_conversions
    from {{ ref('fct_spend') }}
    group by {{ month_start('spend_date') }}, channel, campaign

),

sessions as (

    select
        {{ month_start('session_date') }} as month_start_date,
        channel,
        case when {{ is_blank('utm_campaign') }} then 'none' else lower(trim(utm_campaign)) end as campaign,
        count(*) as session_count
    from {{ ref('fct_sessions') }}
    group by
        {{ month_start('session_date') }},
        channel,
        case when {{ is_blank('utm_campaign') }} then 'none' else lower(trim(utm_campaign)) end

),

credits as (

    select
        order_month as month_start_date,
        channel,
        campaign,
        cast(sum(credit_share) as decimal(18, 9)) as credited_orders,
        cast(sum(case when is_first_order then credit_share else 0 end) as decimal(18, 9)) as credited_customers,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        cast(sum(gross_margin) as decimal(18, 2)) as gross_margin
    from {{ ref('fct_attribution') }}
    where model = '{{ var("attribution_model") }}'
    group by order_month, channel, campaign

),

reporting as (

    select * from {{ ref('int_reporting_currency') }}

),

-- What is in one of them alone is kept: a campaign without spend, spend without customers.
keys as (

    select month_start_date, channel, campaign from spend
    union
    select month_start_date, channel, campaign from sessions
    union
    select month_start_date, channel, campaign from credits

),

joined as (

    select
        keys.month_start_date,
        keys.channel,
        keys.campaign,
        reporting.currency,
        spend.spend,
        spend.impressions,
        spend.clicks,
        spend.platform_conversions,
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(credits.credited_orders, 0) as credited_orders,
        coalesce(credits.credited_customers, 0) as credited_customers,
        coalesce(credits.net_revenue, 0) as net_revenue,
        coalesce(credits.gross_margin, 0) as gross_margin
    from keys
    cross join reporting
    left join spend
        on
            keys.month_start_date = spend.month_start_date
            and keys.channel = spend.channel
            and keys.campaign = spend.campaign
    left join sessions
        on
            keys.month_start_date = sessions.month_start_date
            and keys.channel = sessions.channel
            and keys.campaign = sessions.campaign
    left join credits
        on
            keys.month_start_date = credits.month_start_date
            and keys.channel = credits.channel
            and keys.campaign = credits.campaign

),

final as (

    select
        month_start_date,
        channel,
        campaign,
        '{{ var("attribution_model") }}' as model,
        currency,
        spend,
        impressions,
        clicks,
        platform_conversions,
        session_count,
        cast(credited_orders as decimal(18, 9)) as credited_orders,
        cast(credited_customers as decimal(18, 9)) as credited_customers,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(gross_margin as decimal(18, 2)) as gross_margin,
        {{ money_per('spend', 'platform_conversions') }} as cost_per_platform_conversion,
        {{ efficiency_columns() }}
    from joined

)

select * from final
