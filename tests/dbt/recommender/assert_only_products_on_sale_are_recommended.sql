{{ config(meta={'dagster': {'ref': {'name': 'rec_recommendations'}}}) }}

select lists.person_id, lists.product_id
from {{ ref('rec_recommendations') }} as lists
inner join {{ ref('dim_products') }} as products on lists.product_id = products.product_id
where not products.is_on_sale

union all

select lists.product_id, lists.similar_product_id
from {{ ref('rec_similar_items') }} as lists
inner join {{ ref('dim_products') }} as products on lists.similar_product_id = products.product_id
where not products.is_on_sale

union all

select lists.clicked_product_id, lists.product_id
from {{ ref('rec_session_items') }} as lists
inner join {{ ref('dim_products') }} as products on lists.product_id = products.product_id
where not products.is_on_sale
