-- No order table speaks for a shop that has trackers alone: its purchase events are its orders.
with

numbered as (

    select
        *,
        row_number() over (
            partition by order_id order by received_at, loaded_at, content_hash, batch_id, line_number
        ) as arrival_rank
    from {{ ref('stg_snowplow__events') }}
    where event_type = 'order_completed' and order_id is not null and event_at is not null

),

transactions as (

    select
        *,
        {{ decimal_number(json_text('properties', '$.transaction.revenue'), 2) }} as revenue,
        coalesce({{ decimal_number(json_text('properties', '$.transaction.discount_amount'), 2) }}, 0) as discount,
        coalesce({{ decimal_number(json_text('properties', '$.transaction.shipping'), 2) }}, 0) as shipping,
        coalesce({{ decimal_number(json_text('properties', '$.transaction.tax'), 2) }}, 0) as tax,
        {{ json_text('properties', '$.transaction.currency') }} as order_currency
    from numbered
    where arrival_rank = 1

),

products as (

    {{ exploded_products('transactions', ['order_id'], 'properties', fields=['price', 'quantity']) }}

),

summed as (

    select
        order_id,
        sum(
            coalesce({{ decimal_number('price', 2) }}, 0) * coalesce({{ whole_number('quantity') }}, 1)
        ) as products_value
    from products
    group by order_id

),

final as (

    select
        transactions.order_id,
        transactions.customer_id,
        transactions.event_at as ordered_at,
        cast(transactions.revenue as decimal(18, 2)) as revenue,
        cast(transactions.discount as decimal(18, 2)) as discount,
        cast(transactions.shipping as decimal(18, 2)) as shipping,
        cast(transactions.tax as decimal(18, 2)) as tax,
        transactions.order_currency as currency,
        transactions.properties,
        -- The transaction says what was paid, its products what for; test shops make the two differ.
        cast(
            transactions.revenue + transactions.discount - transactions.shipping - transactions.tax
            - coalesce(summed.products_value, 0)
            as decimal(18, 2)
        ) as unexplained
    from transactions
    left join summed on transactions.order_id = summed.order_id

)

select * from final
