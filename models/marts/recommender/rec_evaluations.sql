{{
    config(
        materialized='incremental',
        on_schema_change='append_new_columns',
        full_refresh=false,
        incremental_strategy='delete+insert',
        unique_key='model_version',
    )
}}

select
    model_version,
    model,
    slice,
    metric,
    cast(k as integer) as k,
    cast(value as double) as value,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(n_persons as bigint) as n_persons,
    baseline,
    cast(difference as double) as difference,
    cast(diff_low as double) as diff_low,
    cast(diff_high as double) as diff_high,
    is_served
from {{ ref('rec_evaluation') }}
