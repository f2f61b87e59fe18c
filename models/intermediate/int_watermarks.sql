-- Filled by the macro keep_watermark, by each model that follows the raw rows.
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='fail') }}

select
    cast(null as {{ dbt.type_string() }}) as model,
    cast(null as {{ timestamp_type() }}) as loaded_at,
    cast(null as {{ timestamp_type() }}) as recorded_at
where 1 = 0
