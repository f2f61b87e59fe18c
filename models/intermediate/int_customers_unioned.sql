{{ config(materialized='view') }}

{{ union_sources('customers', var('table_sources')) }}
