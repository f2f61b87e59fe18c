{#- The vars that decide what the figures of growth mean, as one text: where it changes, figures that were
    reported before it are no longer comparable. -#}
{% macro figure_definition() -%}
    {%- set names = [
        'session_timeout_minutes', 'bot_burst_events', 'bot_burst_events_per_minute', 'churn_days',
        'attribution_lookback_days', 'reporting_currency'
    ] -%}
    {%- for name in names %}{{ name }}={{ var(name) }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}
