{{ config(meta={'dagster': {'ref': {'name': 'rec_recommendations'}}}) }}

-- Every active person has a list, and each list is as long as promised, without gaps.
select
    persons.person_id,
    count(lists.product_id) as product_count,
    min(lists.rank) as first_rank,
    max(lists.rank) as last_rank
from {{ ref('dim_persons') }} as persons
left join {{ ref('rec_recommendations') }} as lists on persons.person_id = lists.person_id
where persons.is_active
group by persons.person_id
having
    count(lists.product_id) <> {{ var('list_length') }}
    or min(lists.rank) <> 1
    or max(lists.rank) <> {{ var('list_length') }}
