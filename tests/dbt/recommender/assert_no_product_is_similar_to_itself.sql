{{ config(meta={'dagster': {'ref': {'name': 'rec_similar_items'}}}) }}

select * from {{ ref('rec_similar_items') }}
where product_id = similar_product_id
