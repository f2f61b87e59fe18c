{{ config(materialized='view') }}

{{ union_sources('products', var('table_sources')) }}
