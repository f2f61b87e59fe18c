{{ config(meta={'dagster': {'ref': {'name': 'fct_touchpoints'}}}) }}

-- Each visit once, but for one that placed several orders; no visit that is not there.
with touched as (

    select
        session_id,
        count(*) as path_count,
        count(distinct order_id) as order_count
    from {{ ref('fct_touchpoints') }}
    group by session_id

)

select
    coalesce(sessions.session_id, touched.session_id) as session_id,
    touched.path_count,
    touched.order_count
from {{ ref('fct_sessions') }} as sessions
full outer join touched on sessions.session_id = touched.session_id
where
    sessions.session_id is null
    or touched.session_id is null
    or (touched.path_count > 1 and touched.order_count < touched.path_count - 1)
