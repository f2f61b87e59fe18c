{{ config(enabled=target.type == 'duckdb') }}
{%- set by = ['order_id', 'model'] %}
{%- set tie = ['channel', 'campaign'] %}

with

orders as (

    select * from {{ ref('fct_order_values') }}

),

credits as (

    select * from {{ ref('fct_touch_credits') }}

),

effects as (

    select * from {{ ref('rpt_channel_effects') }}

),

-- By Markov, a channel weighs what would be lost without it, however often it is on the path.
weighed as (

    select
        model,
        order_id,
        channel,
        campaign,
        weight
    from credits
    union all
    select
        'markov' as model,
        credits.order_id,
        credits.channel,
        credits.campaign,
        cast(floor(1e12 * effects.removal_effect_share / nullif(credits.channel_touch_count, 0)) as bigint) as weight
    from credits
    inner join effects on credits.channel = effects.channel
    where credits.model = 'linear'

),

summed as (

    select
        order_id,
        model,
        channel,
        campaign,
        cast(sum(weight) as bigint) as weight
    from weighed
    group by order_id, model, channel, campaign
    having sum(weight) > 0

),

models as (

    {% for model in attribution_models() -%}
    select '{{ model }}' as model
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

seen as (

    select distinct
        order_id,
        model
    from summed

),

-- An order that no visit leads to is kept, or money would be lost.
known as (

    select * from summed
    union all
    select
        orders.order_id,
        models.model,
        'unknown' as channel,
        'none' as campaign,
        1 as weight
    from orders
    cross join models
    left join seen on orders.order_id = seen.order_id and models.model = seen.model
    where seen.order_id is null

),

shared as (

    select
        *,
        cast(weight as double)
        / nullif(cast(cast(sum(weight) over (partition by order_id, model) as bigint) as double), 0) as share
    from known

),

-- Thousand millionths of an order, so that shares add up to one exactly.
counted as (

    select
        order_id,
        model,
        channel,
        campaign,
        {{ shared_out('1000000000', 'share', by, tie) }} as units
    from shared

),

valued as (

    select
        orders.order_id,
        orders.person_id,
        orders.ordered_at,
        orders.order_month,
        orders.is_first_order,
        orders.is_cancelled,
        orders.currency,
        counted.model,
        counted.channel,
        counted.campaign,
        counted.units,
        counted.units / 1e9 as share,
        cast(round(orders.net_revenue * 100) as bigint) as revenue_cents,
        cast(round(orders.gross_margin * 100) as bigint) as margin_cents
    from counted
    inner join orders on counted.order_id = orders.order_id

),

final as (

    select
        order_id,
        person_id,
        model,
        channel,
        campaign,
        ordered_at,
        order_month,
        is_first_order,
        is_cancelled,
        cast(units * 0.000000001 as decimal(10, 9)) as credit_share,
        currency,
        cast(({{ shared_out('revenue_cents', 'share', by, tie) }}) * 0.01 as decimal(18, 2)) as net_revenue,
        cast(({{ shared_out('margin_cents', 'share', by, tie) }}) * 0.01 as decimal(18, 2)) as gross_margin
    from valued

)

select * from final
