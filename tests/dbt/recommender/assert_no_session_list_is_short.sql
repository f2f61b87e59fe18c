{{ config(meta={'dagster': {'ref': {'name': 'rec_session_items'}}}) }}

-- Every product that can be clicked has a list without itself, as long as promised, without gaps.
select
    products.product_id,
    count(lists.product_id) as product_count,
    min(lists.rank) as first_rank,
    max(lists.rank) as last_rank
from {{ ref('dim_products') }} as products
left join {{ ref('rec_session_items') }} as lists
    on products.product_id = lists.clicked_product_id and products.product_id <> lists.product_id
group by products.product_id
having
    count(lists.product_id) <> {{ var('list_length') }}
    or min(lists.rank) <> 1
    or max(lists.rank) <> {{ var('list_length') }}
