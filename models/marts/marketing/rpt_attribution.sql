{{ config(enabled=target.type == 'duckdb') }}

select
    order_month,
    channel,
    model,
    cast(sum(credit_share) as decimal(18, 9)) as credited_orders,
    cast(sum(case when is_first_order then credit_share else 0 end) as decimal(18, 9)) as credited_customers,
    currency,
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
    cast(sum(gross_margin) as decimal(18, 2)) as gross_margin
from {{ ref('fct_attribution') }}
group by order_month, channel, model, currency
