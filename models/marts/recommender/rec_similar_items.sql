with

lists as (

    select * from {{ ref('rec_product_lists') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

final as (

    select
        lists.product_id,
        cast(lists.rank as integer) as rank,
        lists.similar_product_id,
        products.product_name as similar_product_name,
        cast(lists.score as double) as score,
        lists.source as candidate_source,
        lists.model_version,
        lists.rule_id
    from lists
    inner join products on lists.similar_product_id = products.product_id

)

select * from final
