{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_attribution'}}}) }}

-- Each customer was brought by something, with certainty: likelihoods of all channels add up to one.
select
    customers.person_id,
    likelihoods.model,
    sum(likelihoods.likelihood_share) as likelihood_share
from {{ ref('dim_customers') }} as customers
left join {{ ref('fct_customer_attribution') }} as likelihoods on customers.person_id = likelihoods.person_id
group by customers.person_id, likelihoods.model
having coalesce(sum(likelihoods.likelihood_share), 0) <> 1
