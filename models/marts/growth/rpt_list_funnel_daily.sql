with

impressions as (

    select * from {{ ref('fct_impressions') }}

),

final as (

    select
        shown_date,
        coalesce(list_id, 'unknown') as list_id,
        count(*) as impression_count,
        cast(sum(case when is_clicked then 1 else 0 end) as bigint) as click_count,
        cast(sum(case when is_viewed then 1 else 0 end) as bigint) as view_count,
        cast(sum(case when is_added then 1 else 0 end) as bigint) as add_count,
        cast(sum(case when is_ordered then 1 else 0 end) as bigint) as order_count,
        cast(sum(case when is_clicked then 1 else 0 end) as double) / nullif(count(*), 0) as click_rate,
        cast(sum(case when is_ordered then 1 else 0 end) as double) / nullif(count(*), 0) as order_rate
    from impressions
    group by shown_date, coalesce(list_id, 'unknown')

)

select * from final
