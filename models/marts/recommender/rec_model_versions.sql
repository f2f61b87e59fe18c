{{
    config(
        materialized='incremental',
        on_schema_change='append_new_columns',
        full_refresh=false,
        incremental_strategy='append',
    )
}}

-- A version is an id of what it was made from: training again on the same adds no row.
with

trained as (

    select * from {{ ref('rec_training') }}

),

final as (

    select
        model_version,
        data_snapshot,
        code_version,
        parameters,
        trained_through,
        n_persons as person_count,
        n_products as product_count,
        n_interactions as interaction_count,
        artefact_path,
        artefact_checksum
    from trained
    {% if is_incremental() %}
    where model_version not in (select known.model_version from {{ this }} as known)
    {% endif %}

)

select * from final
