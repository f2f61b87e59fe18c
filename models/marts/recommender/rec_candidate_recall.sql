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
    policy,
    source as candidate_source,
    cast(depth as integer) as candidate_depth,
    cast(recall as double) as recall,
    cast(recall_alone as double) as recall_alone,
    cast(mean_candidates as double) as mean_candidates,
    cast(n_persons as bigint) as n_persons
from {{ ref('rec_candidates') }}
