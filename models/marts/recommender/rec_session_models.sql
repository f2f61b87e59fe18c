{{
    config(
        materialized='incremental',
        on_schema_change='append_new_columns',
        full_refresh=false,
        incremental_strategy='append',
    )
}}

with

trained as (

    select * from {{ ref('rec_session_training') }}

),

final as (

    select
        model_version,
        model,
        parameters,
        trained_through,
        n_sessions as session_count,
        n_clicks as click_count,
        tuned_on_questions as question_count,
        artefact_path,
        artefact_checksum
    from trained
    {% if is_incremental() %}
    where model_version not in (select known.model_version from {{ this }} as known)
    {% endif %}

)

select * from final
