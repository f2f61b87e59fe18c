{{ config(materialized='view') }}

{{ union_sources('returns', var('table_sources')) }}
