{{ config(materialized='view') }}

{{ union_sources('manifests', var('event_sources')) }}
