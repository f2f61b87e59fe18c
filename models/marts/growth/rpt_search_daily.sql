{%- set lists = var('search_lists') %}
with

searches as (

    select
        session_id,
        max(case when is_clicked then 1 else 0 end) as has_click
    from {{ ref('fct_impressions') }}
    where list_id in ({% for list in lists %}'{{ list }}'{{ ', ' if not loop.last }}{% endfor %})
    group by session_id

),

final as (

    select
        sessions.session_date,
        searches.session_id is not null as has_search,
        count(*) as session_count,
        cast(sum(coalesce(searches.has_click, 0)) as bigint) as search_click_session_count,
        cast(sum(case when sessions.has_cart then 1 else 0 end) as bigint) as cart_session_count,
        cast(sum(case when sessions.has_order then 1 else 0 end) as bigint) as order_session_count,
        cast(sum(case when sessions.has_order then 1 else 0 end) as double) / nullif(count(*), 0) as conversion_rate
    from {{ ref('fct_sessions') }} as sessions
    left join searches on sessions.session_id = searches.session_id
    group by sessions.session_date, searches.session_id is not null

)

select * from final
