{{ config(materialized='view') }}

{{ union_sources('events', var('event_sources')) }}
