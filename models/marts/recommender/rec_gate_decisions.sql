{{
    config(
        materialized='incremental',
        on_schema_change='append_new_columns',
        full_refresh=false,
        incremental_strategy='append',
    )
}}

-- A decision is made once and never changed: building again on the same adds no row.
with

judged as (

    select * from {{ ref('rec_judgement') }}

),

final as (

    select
        judged.model_version,
        judged.champion_version,
        judged.decision,
        judged.decision_reason,
        judged.data_through,
        judged.criterion,
        judged.kind as criterion_kind,
        judged.value as measured_value,
        judged.ci_low,
        judged.ci_high,
        judged.bound,
        judged.is_passed,
        judged.reason as measured_reason
    from judged
    {% if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as known
        where
            known.model_version = judged.model_version
            and coalesce(known.champion_version, 'none') = coalesce(judged.champion_version, 'none')
    )
    {% endif %}

)

select * from final
