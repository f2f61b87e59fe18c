{%- set segmentations = {'all': "'all'", 'channel': 'channel', 'device_type': "coalesce(device_type, 'unknown')"} %}
with

sessions as (

    select
        person_id,
        channel,
        device_type,
        has_view,
        has_cart,
        has_checkout,
        has_order,
        {{ month_start('session_date') }} as month
    from {{ ref('fct_sessions') }}

),

-- A person who came by two channels stands in both.
segmented as (

    {%- for segmentation, segment in segmentations.items() %}
    select
        *,
        '{{ segmentation }}' as segmentation,
        {{ segment }} as segment
    from sessions
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

persons as (

    select
        month,
        segmentation,
        segment,
        person_id,
        max(case when has_view then 1 else 0 end) as viewed,
        max(case when has_cart then 1 else 0 end) as carted,
        max(case when has_checkout then 1 else 0 end) as checked_out,
        max(case when has_order then 1 else 0 end) as ordered
    from segmented
    group by month, segmentation, segment, person_id

),

final as (

    select
        month,
        segmentation,
        segment,
        count(*) as person_count,
        cast(sum(viewed) as bigint) as view_person_count,
        cast(sum(carted) as bigint) as cart_person_count,
        cast(sum(checked_out) as bigint) as checkout_person_count,
        cast(sum(ordered) as bigint) as order_person_count,
        cast(sum(ordered) as double) / nullif(count(*), 0) as person_conversion_rate
    from persons
    group by month, segmentation, segment

)

select * from final
