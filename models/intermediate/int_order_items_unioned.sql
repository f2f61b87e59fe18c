{{ config(materialized='view') }}

{{ union_sources('order_items', var('table_sources')) }}
