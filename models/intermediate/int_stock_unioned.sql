{{ config(materialized='view') }}

{{ union_sources('stock', var('table_sources')) }}
