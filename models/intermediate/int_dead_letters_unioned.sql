{{ config(materialized='view') }}

{{ union_sources('dead_letters', var('event_sources')) }}
