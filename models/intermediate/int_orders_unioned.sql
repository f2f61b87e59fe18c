{{ config(materialized='view') }}

{{ union_sources('orders', var('table_sources')) }}
