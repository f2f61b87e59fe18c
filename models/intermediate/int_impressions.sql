{{
    config(
        materialized='incremental',
        meta={'day': 'slot'},
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ forget_impressions(this) }}",
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set since = watermark(this) %}
{%- set touched = touched_bounds(since) %}

with

{% if is_incremental() %}
touched as (
    {{ touched_visitors(since) }}
),
{% endif %}

-- Views of lists whose impressions the hook took out, and new ones.
lists as (

    select
        events.event_id,
        events.source,
        events.visitor_id,
        events.event_at,
        events.list_id,
        events.recommendation_id,
        events.properties
    from {{ ref('int_events_accepted') }} as events
    {% if is_incremental() %}
    inner join touched on events.visitor_id = touched.visitor_id
    {% endif %}
    where events.event_type = 'product_list_viewed'
    {% if is_incremental() %}
    and events.event_at >= {{ slot_start(touched.first - outcome_slots()) }}
    and events.event_at < {{ slot_start(touched.last + 1) }}
    and {{ slot_number('events.event_at') }} >= touched.first_slot - {{ outcome_slots() }}
    and {{ slot_number('events.event_at') }} <= touched.last_slot
    {% endif %}

),

exploded as (
    {{ exploded_products(
        'lists',
        ['event_id', 'source', 'visitor_id', 'event_at', 'list_id', 'recommendation_id'],
        'properties'
    ) }}
),

impressions as (

    select distinct
        md5(source || '|' || event_id || '|' || cast(position as {{ dbt.type_string() }}) || '|' || product_id)
            as impression_id,
        visitor_id,
        {{ slot_number('event_at') }} as slot,
        list_id,
        recommendation_id,
        product_id,
        position,
        event_at as shown_at
    from exploded

),

actions as (

    select
        events.visitor_id,
        events.product_id,
        events.event_type,
        events.event_at
    from {{ ref('int_events_accepted') }} as events
    {% if is_incremental() %}
    inner join touched on events.visitor_id = touched.visitor_id
    {% endif %}
    where events.event_type in ('product_clicked', 'product_viewed', 'product_added') and events.product_id is not null
    {% if is_incremental() %}
    and events.event_at >= {{ slot_start(touched.first - outcome_slots()) }}
    and events.event_at < {{ slot_start(touched.last + 1 + outcome_slots()) }}
    {% endif %}

),

-- Most products that are shown are left alone: only the others need a look ahead. A join of each
-- impression with each action would grow with the square of what one visitor does.
timeline as (

    select
        impressions.visitor_id,
        impressions.product_id,
        impressions.shown_at as happened_at,
        0 as is_action,
        impressions.impression_id,
        null as event_type
    from impressions
    inner join (select distinct visitor_id, product_id from actions) as acted
        on impressions.visitor_id = acted.visitor_id and impressions.product_id = acted.product_id
    union all
    select
        visitor_id,
        product_id,
        event_at as happened_at,
        1 as is_action,
        null as impression_id,
        event_type
    from actions

),

looked_ahead as (

    select
        impression_id,
        {% for action in ['clicked', 'viewed', 'added'] -%}
        min(case when event_type = 'product_{{ action }}' then happened_at end) over (
            partition by visitor_id, product_id
            order by happened_at nulls last, is_action nulls last
            rows between current row and unbounded following
        ) as next_{{ action }}_at,
        {% endfor -%}
        {{ add_hours('happened_at', var('outcome_window_hours')) }} as counts_until
    from timeline

),

outcomes as (

    select
        impression_id,
        coalesce(next_clicked_at < counts_until, false) as is_clicked,
        coalesce(next_viewed_at < counts_until, false) as is_viewed,
        coalesce(next_added_at < counts_until, false) as is_added
    from looked_ahead
    where impression_id is not null

),

final as (

    select
        impressions.impression_id,
        impressions.visitor_id,
        impressions.slot,
        impressions.list_id,
        impressions.recommendation_id,
        impressions.product_id,
        impressions.position,
        impressions.shown_at,
        coalesce(outcomes.is_clicked, false) as is_clicked,
        coalesce(outcomes.is_viewed, false) as is_viewed,
        coalesce(outcomes.is_added, false) as is_added
    from impressions
    left join outcomes on impressions.impression_id = outcomes.impression_id

)

select * from final
{{ laid_out_by('slot') }}
