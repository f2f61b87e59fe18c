{{ config(meta={'dagster': {'ref': {'name': 'rec_recommendations'}}}) }}

-- Written so that NaN, which no comparison likes, shows as well.
with scores as (

    select 'person ' || person_id as list_name, rank, score from {{ ref('rec_recommendations') }}
    union all
    select 'product ' || product_id as list_name, rank, score from {{ ref('rec_similar_items') }}
    union all
    select 'clicked ' || clicked_product_id as list_name, rank, score from {{ ref('rec_session_items') }}

),

neighbours as (

    select *, lag(score) over (partition by list_name order by rank nulls last) as better_score
    from scores

)

select * from neighbours
where
    not (score > -1e30 and score < 1e30)
    or not (coalesce(better_score, score) >= score)
