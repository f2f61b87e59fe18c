{{ config(meta={'dagster': {'ref': {'name': 'rec_recommendations'}}}) }}

-- New products stand only where they may, no oftener than they may, and each row knows its chance.
select
    person_id,
    count(*) as product_count,
    min(rank) as first_rank,
    max(propensity) as highest_propensity
from {{ ref('rec_recommendations') }}
where candidate_source = 'exploration'
group by person_id
having
    count(*) > {{ var('explore_places') }}
    or min(rank) < {{ var('explore_first_place') }}
    or max(propensity) > {{ var('explore_share') }}
    or min(propensity) <= 0
