{#- The moment in UTC, without zone, of a count of microseconds since 1970-01-01. -#}
{% macro timestamp_from_us(micros) %}{{ return(adapter.dispatch('timestamp_from_us')(micros)) }}{% endmacro %}
{% macro default__timestamp_from_us(micros) %}make_timestamp(cast({{ micros }} as bigint)){% endmacro %}
{% macro spark__timestamp_from_us(micros) %}cast(timestamp_micros(cast({{ micros }} as bigint)) as timestamp_ntz){% endmacro %}
