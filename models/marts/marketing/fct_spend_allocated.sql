{{ config(enabled=target.type == 'duckdb') }}
{%- set by = ['spend_month', 'channel', 'campaign'] %}

with

spend as (

    select
        {{ month_start('spend_date') }} as spend_month,
        channel,
        campaign,
        currency,
        cast(round(sum(amount) * 100) as bigint) as cents
    from {{ ref('fct_spend') }}
    group by {{ month_start('spend_date') }}, channel, campaign, currency

),

first_orders as (

    select
        order_month,
        channel,
        campaign,
        person_id,
        credit_share
    from {{ ref('fct_attribution') }}
    where is_first_order and model = '{{ var("attribution_model") }}'

),

-- Spend that names no campaign is the whole channel's.
credits as (

    select
        order_month,
        channel,
        campaign,
        person_id,
        cast(round(sum(credit_share) * 1000000000) as bigint) as units
    from first_orders
    where campaign <> 'none'
    group by order_month, channel, campaign, person_id
    union all
    select
        order_month,
        channel,
        'none' as campaign,
        person_id,
        cast(round(sum(credit_share) * 1000000000) as bigint) as units
    from first_orders
    group by order_month, channel, person_id

),

matched as (

    select
        spend.spend_month,
        spend.channel,
        spend.campaign,
        spend.currency,
        spend.cents,
        credits.person_id,
        coalesce(credits.person_id, '') as person_key,
        coalesce(credits.units, 1) as units
    from spend
    left join credits
        on
            spend.spend_month = credits.order_month
            and spend.channel = credits.channel
            and spend.campaign = credits.campaign
            and credits.units > 0

),

shared as (

    select
        *,
        cast(units as double) / nullif(cast(
            cast(sum(units) over (partition by {{ by | join(', ') }}) as bigint) as double
        ), 0) as share
    from matched

),

final as (

    select
        spend_month,
        channel,
        campaign,
        person_id,
        case when person_id is null then 'no_customer' else 'allocated' end as status,
        cast(case when person_id is null then 0 else units end * 0.000000001 as decimal(10, 9)) as credit_share,
        currency,
        cast(({{ shared_out('cents', 'share', by, ['person_key']) }}) * 0.01 as decimal(18, 2)) as amount
    from shared

)

select * from final
