{#- What a touch weighs in its path, as a whole number: sums of whole numbers are the same in whatever order
    they are added. The share of a touch is its weight by that of the path.

    model: first, last, last_non_direct, linear, position, time_decay or shapley. The relation has
    touch_number, touch_count, last_other_number (that of the last touch that is not direct; null where
    there is none), hours_before_last, channel_count (different channels on the path) and
    channel_touch_count (touches of this channel on it) -#}
{% macro touch_weight(model) -%}
    {%- set first = (var('attribution_first_share') * 1000) | round | int -%}
    {%- set last = (var('attribution_last_share') * 1000) | round | int -%}
    {%- if first < 0 or last < 0 or first + last <= 0 or first + last > 1000 -%}
        {{ exceptions.raise_compiler_error(
            "The vars attribution_first_share and attribution_last_share are " ~ first / 1000 ~ " and " ~ last / 1000
            ~ ": give shares that add up to more than 0 and at most 1."
        ) }}
    {%- elif model == 'first' -%}
        case when touch_number = 1 then 1 else 0 end
    {%- elif model == 'last' -%}
        case when touch_number = touch_count then 1 else 0 end
    {%- elif model == 'last_non_direct' -%}
        case when touch_number = coalesce(last_other_number, touch_count) then 1 else 0 end
    {%- elif model == 'linear' -%}
        1
    {%- elif model == 'position' -%}
        case
            when touch_count = 1 then 1
            when touch_number = 1 then {{ first }} * greatest(touch_count - 2, 1)
            when touch_number = touch_count then {{ last }} * greatest(touch_count - 2, 1)
            else {{ 1000 - first - last }}
        end
    {%- elif model == 'time_decay' -%}
        floor(1e12 * power(0.5e0, hours_before_last / {{ 24 * var('attribution_half_life_days') }}e0))
    {%- elif model == 'shapley' -%}
        floor(1e12 / nullif(channel_touch_count, 0))
    {%- else -%}
        {{ exceptions.raise_compiler_error("Attribution knows no model '" ~ model ~ "': correct macros/touch_weight.sql.") }}
    {%- endif -%}
{%- endmacro %}
