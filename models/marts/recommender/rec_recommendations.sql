with

lists as (

    select * from {{ ref('rec_person_lists') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

final as (

    select
        lists.person_id,
        cast(lists.rank as integer) as rank,
        lists.product_id,
        products.product_name,
        cast(lists.score as double) as score,
        lists.source as candidate_source,
        lists.model_version,
        lists.rule_id,
        cast(lists.propensity as double) as propensity,
        lists.as_of
    from lists
    inner join products on lists.product_id = products.product_id

)

select * from final
