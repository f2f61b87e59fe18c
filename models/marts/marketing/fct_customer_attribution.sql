{{ config(enabled=target.type == 'duckdb') }}

select
    person_id,
    model,
    channel,
    order_id as acquisition_order_id,
    ordered_at as acquired_at,
    order_month as acquisition_month,
    cast(sum(credit_share) as decimal(10, 9)) as likelihood_share
from {{ ref('fct_attribution') }}
where is_first_order
group by person_id, model, channel, order_id, ordered_at, order_month
