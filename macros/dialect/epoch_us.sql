{#- Microseconds since 1970-01-01 of a moment in UTC: gaps are counted in whole numbers. -#}
{% macro epoch_us(moment) %}{{ return(adapter.dispatch('epoch_us')(moment)) }}{% endmacro %}
{% macro default__epoch_us(moment) %}epoch_us({{ moment }}){% endmacro %}
{% macro spark__epoch_us(moment) %}unix_micros(cast({{ moment }} as timestamp)){% endmacro %}
