{%- set models = attribution_models() | reject('equalto', 'markov') | list %}

with

-- A path that has another channel may go without its direct visits.
credited as (

    select
        *,
        max(case when is_direct then 0 else 1 end) over (partition by path_id) as has_other
    from {{ ref('fct_touchpoints') }}
    where order_id is not null

),

numbered as (

    select
        path_id,
        order_id,
        session_id,
        channel,
        campaign,
        touched_at,
        is_direct,
        row_number() over (partition by path_id order by touch_number asc nulls last) as touch_number,
        count(*) over (partition by path_id) as touch_count,
        count(*) over (partition by path_id, channel) as channel_touch_count,
        max(touched_at) over (partition by path_id) as last_touched_at
    from credited
    {%- if not var('attribution_credits_direct') %}
    where not is_direct or has_other = 0
    {%- endif %}

),

measured as (

    select
        *,
        max(case when not is_direct then touch_number end) over (partition by path_id) as last_other_number,
        ({{ epoch_us('last_touched_at') }} - {{ epoch_us('touched_at') }}) / 3600000000e0 as hours_before_last
    from numbered

),

weighed as (

    {% for model in models -%}
    select
        '{{ model }}' as model,
        path_id,
        order_id,
        session_id,
        channel,
        campaign,
        channel_touch_count,
        cast({{ touch_weight(model) }} as bigint) as weight
    from measured
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

final as (

    select
        model,
        path_id,
        order_id,
        session_id,
        channel,
        campaign,
        cast(channel_touch_count as integer) as channel_touch_count,
        weight,
        cast(weight as double)
        / nullif(cast(cast(sum(weight) over (partition by model, path_id) as bigint) as double), 0) as credit_share
    from weighed

)

select * from final
