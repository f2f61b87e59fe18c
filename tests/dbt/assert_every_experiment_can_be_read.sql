{{ config(meta={'dagster': {'ref': {'name': 'dim_experiments'}}}) }}

-- Weights that add up to 10,000 with the control among them, and one metric that decides.
with

dealt as (

    select
        experiments.experiment_id,
        cast(sum(coalesce(variations.weight, 0)) as bigint) as weight,
        count(variations.variation_id) as variation_count,
        count(case when variations.variation_id = experiments.control_variation_id then 1 end) as control_count
    from {{ ref('dim_experiments') }} as experiments
    left join {{ ref('experiment_variations') }} as variations
        on experiments.experiment_id = variations.experiment_id
    group by experiments.experiment_id

),

judged as (

    select
        experiment_id,
        count(case when role = 'primary' then 1 end) as primary_count,
        count(case when (role = 'guard_rail') <> (margin_share is not null) then 1 end) as slip_count
    from {{ ref('experiment_metrics') }}
    group by experiment_id

)

select
    dealt.*,
    judged.primary_count,
    judged.slip_count
from dealt
left join judged on dealt.experiment_id = judged.experiment_id
where
    dealt.weight <> 10000
    or dealt.variation_count < 2
    or dealt.control_count <> 1
    or coalesce(judged.primary_count, 0) <> 1
    or judged.slip_count > 0
