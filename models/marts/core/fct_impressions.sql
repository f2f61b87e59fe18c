with

-- The visit and the person are joined when read: neither a late event nor a login rewrites what was shown.
impressions as (

    select
        shown.*,
        sessions.session_id,
        sessions.person_id
    from {{ ref('int_impressions') }} as shown
    inner join {{ ref('int_session_slots') }} as held
        on shown.visitor_id = held.visitor_id and shown.slot = held.slot
    inner join {{ ref('fct_sessions') }} as sessions on held.session_id = sessions.session_id

),

ordered as (

    select distinct impressions.impression_id
    from impressions
    inner join {{ ref('fct_order_items') }} as items
        on
            impressions.person_id = items.person_id
            and impressions.product_id = items.product_id
            and items.status <> 'cancelled'
            and impressions.shown_at <= items.ordered_at
            and items.ordered_at < {{ add_hours('impressions.shown_at', var('outcome_window_hours')) }}

),

final as (

    select
        impressions.impression_id,
        impressions.session_id,
        impressions.visitor_id,
        impressions.person_id,
        impressions.list_id,
        impressions.recommendation_id,
        impressions.product_id,
        impressions.position,
        impressions.shown_at,
        cast(impressions.shown_at as date) as shown_date,
        impressions.is_clicked,
        impressions.is_viewed,
        impressions.is_added,
        ordered.impression_id is not null as is_ordered
    from impressions
    left join ordered on impressions.impression_id = ordered.impression_id

)

select * from final
