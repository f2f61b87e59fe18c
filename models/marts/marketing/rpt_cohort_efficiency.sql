{{ config(enabled=target.type == 'duckdb') }}
{%- set by = ['person_id'] %}
{%- set tie = ['channel'] %}

with

credits as (

    select
        person_id,
        channel,
        acquisition_month,
        likelihood_share
    from {{ ref('fct_customer_attribution') }}
    where model = '{{ var("attribution_model") }}'

),

customers as (

    select * from {{ ref('dim_customers') }}

),

valued as (

    select
        credits.person_id,
        credits.channel,
        credits.acquisition_month,
        credits.likelihood_share,
        cast(credits.likelihood_share as double) as share,
        cast(round(customers.net_revenue * 100) as bigint) as revenue_cents,
        cast(round(customers.gross_margin * 100) as bigint) as margin_cents
    from credits
    inner join customers on credits.person_id = customers.person_id

),

-- All that a customer has brought to date follows the channels that brought the customer.
shared as (

    select
        channel,
        acquisition_month,
        likelihood_share,
        {{ shared_out('revenue_cents', 'share', by, tie) }} as revenue_cents,
        {{ shared_out('margin_cents', 'share', by, tie) }} as margin_cents
    from valued

),

brought as (

    select
        acquisition_month,
        channel,
        cast(sum(likelihood_share) as decimal(18, 9)) as credited_customers,
        cast(cast(sum(revenue_cents) as bigint) * 0.01 as decimal(18, 2)) as net_revenue,
        cast(cast(sum(margin_cents) as bigint) * 0.01 as decimal(18, 2)) as gross_margin
    from shared
    group by acquisition_month, channel

),

spend as (

    select
        spend_month as acquisition_month,
        channel,
        cast(sum(amount) as decimal(18, 2)) as spend
    from {{ ref('fct_spend_allocated') }}
    group by spend_month, channel

),

reporting as (

    select * from {{ ref('int_reporting_currency') }}

),

keys as (

    select acquisition_month, channel from brought
    union
    select acquisition_month, channel from spend

),

joined as (

    select
        keys.acquisition_month,
        keys.channel,
        reporting.currency,
        spend.spend,
        coalesce(brought.credited_customers, 0) as credited_customers,
        coalesce(brought.net_revenue, 0) as net_revenue,
        coalesce(brought.gross_margin, 0) as gross_margin
    from keys
    cross join reporting
    left join spend on keys.acquisition_month = spend.acquisition_month and keys.channel = spend.channel
    left join brought on keys.acquisition_month = brought.acquisition_month and keys.channel = brought.channel

),

final as (

    select
        acquisition_month,
        channel,
        '{{ var("attribution_model") }}' as model,
        currency,
        spend,
        cast(credited_customers as decimal(18, 9)) as credited_customers,
        cast(net_revenue as decimal(18, 2)) as net_revenue_to_date,
        cast(gross_margin as decimal(18, 2)) as gross_margin_to_date,
        case when spend > 0 then {{ money_per('spend', 'credited_customers') }} end as cac,
        {{ money_per('gross_margin', 'credited_customers') }} as gross_margin_per_customer,
        (cast(gross_margin as double) - cast(spend as double)) / nullif(cast(spend as double), 0) as roi_to_date,
        case
            when spend is null then 'no spend'
            when spend = 0 then 'spend of zero'
            when credited_customers = 0 then 'no customers'
            when gross_margin >= spend then 'paid back'
            else 'not paid back yet'
        end as spend_status
    from joined

)

select * from final
