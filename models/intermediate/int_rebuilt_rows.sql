-- Filled by the macro begin_rebuild and emptied by finish_rebuild; in between, what follows the raw rows
-- takes it as touched, so that a rebuild that was cut short is made good by the next build.
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

select
    cast(null as {{ dbt.type_string() }}) as source,
    cast(null as {{ dbt.type_string() }}) as batch_id,
    cast(null as bigint) as line_number,
    cast(null as bigint) as event_key,
    cast(null as {{ dbt.type_string() }}) as visitor_id,
    cast(null as bigint) as slot
where 1 = 0
