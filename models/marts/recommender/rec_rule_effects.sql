with

rules as (

    select * from {{ ref('dim_merchandising_rules') }}
    where is_in_force

),

outcomes as (

    select * from {{ ref('rec_rule_outcomes') }}

),

final as (

    select
        rules.rule_id,
        rules.action,
        rules.target_type,
        rules.target_value,
        rules.reason,
        rules.created_by,
        coalesce(outcomes.slot, rules.slot) as slot,
        coalesce(outcomes.outcome, 'no_list') as outcome,
        coalesce(outcomes.is_honoured, false) as is_honoured,
        coalesce(cast(outcomes.list_count as bigint), 0) as list_count,
        coalesce(cast(outcomes.product_count as bigint), 0) as product_count,
        outcomes.model_version,
        rules.as_of
    from rules
    left join outcomes on rules.rule_id = outcomes.rule_id

)

select * from final
