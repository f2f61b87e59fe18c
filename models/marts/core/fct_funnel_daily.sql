with

sessions as (

    select * from {{ ref('fct_sessions') }}

),

final as (

    select
        session_date,
        coalesce(device_type, 'unknown') as device_type,
        channel,
        count(*) as session_count,
        count(distinct person_id) as person_count,
        cast(sum(case when has_view then 1 else 0 end) as bigint) as view_session_count,
        cast(sum(case when has_cart then 1 else 0 end) as bigint) as cart_session_count,
        cast(sum(case when has_checkout then 1 else 0 end) as bigint) as checkout_session_count,
        cast(sum(case when has_order then 1 else 0 end) as bigint) as order_session_count
    from sessions
    group by session_date, coalesce(device_type, 'unknown'), channel

)

select * from final
