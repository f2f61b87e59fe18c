{#- The moment in UTC that a text names; a day alone begins at midnight, and as an end it lasts until the
    next.

    text: an SQL text
    is_end: whether it says when something ends -#}
{% macro parse_day_or_moment(text, is_end=false) -%}
    {%- set midnight = parse_utc('(' ~ text ~ " || 'T00:00')") -%}
    coalesce({{ parse_utc(text) }}, {{ add_hours(midnight, 24) if is_end else midnight }})
{%- endmacro %}
