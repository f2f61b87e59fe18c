{{ config(meta={'dagster': {'ref': {'name': 'rec_recommendations'}}}) }}

-- What says that a pin placed it stands where that pin says, and is the product that it names.
with rows_of_lists as (

    select rank, product_id, candidate_source, rule_id from {{ ref('rec_recommendations') }}
    union all
    select rank, similar_product_id as product_id, candidate_source, rule_id from {{ ref('rec_similar_items') }}
    union all
    select rank, product_id, candidate_source, rule_id from {{ ref('rec_popular_items') }}
    union all
    select rank, product_id, candidate_source, rule_id from {{ ref('rec_session_items') }}

)

select rows_of_lists.*
from rows_of_lists
left join {{ ref('dim_merchandising_rules') }} as rules
    on rows_of_lists.rule_id = rules.rule_id and rules.is_in_force
where
    rows_of_lists.candidate_source = 'pin'
    and not coalesce(
        rules.action = 'pin' and rules.position = rows_of_lists.rank and rules.target_value = rows_of_lists.product_id,
        false
    )
