{{ config(meta={'dagster': {'ref': {'name': 'fct_attribution'}}}) }}

-- Every order in every model: shares to one, money to the order's, to the cent.
with credited as (

    select
        order_id,
        model,
        sum(credit_share) as credit_share,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_attribution') }}
    group by order_id, model

),

models as (

    {% for model in attribution_models() -%}
    select '{{ model }}' as model
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    orders.order_id,
    models.model,
    credited.credit_share,
    credited.net_revenue,
    worth.net_revenue as worth,
    orders.net_revenue as ordered
from {{ ref('fct_orders') }} as orders
cross join models
left join {{ ref('fct_order_values') }} as worth on orders.order_id = worth.order_id
left join credited on orders.order_id = credited.order_id and models.model = credited.model
where
    credited.credit_share is null
    or credited.credit_share <> 1
    or coalesce(credited.net_revenue, -1) <> coalesce(worth.net_revenue, -1)
    or coalesce(credited.gross_margin, -1) <> coalesce(worth.gross_margin, -1)
    or (
        worth.order_currency = worth.currency
        and (
            coalesce(credited.net_revenue, 0) <> orders.net_revenue
            or coalesce(credited.gross_margin, 0) <> orders.gross_margin
        )
    )
