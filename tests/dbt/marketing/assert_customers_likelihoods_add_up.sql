{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_attribution'}}}) }}

-- Each customer was brought by something, with certainty: likelihoods of all channels add up to one, in each model.
with models as (

    {% for model in attribution_models() -%}
    select '{{ model }}' as model
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    customers.person_id,
    models.model,
    sum(likelihoods.likelihood_share) as likelihood_share
from {{ ref('dim_customers') }} as customers
cross join models
left join {{ ref('fct_customer_attribution') }} as likelihoods
    on customers.person_id = likelihoods.person_id and models.model = likelihoods.model
group by customers.person_id, models.model
having coalesce(sum(likelihoods.likelihood_share), 0) <> 1
