{#- The moment in UTC, without zone, that a text names; NULL where it names none. A text without
    zone is taken as UTC. Years outside 2000 to 2099 are no clock's word: NULL.
    timezone('UTC', ...) would say the same on DuckDB, at twice the cost of the whole expression. -#}
{% macro parse_utc(text) %}{{ return(adapter.dispatch('parse_utc')(text)) }}{% endmacro %}
{% macro default__parse_utc(text) -%}
    case
        when try_cast({{ text }} as timestamptz) >= timestamptz '2000-01-01 00:00:00+00'
            and try_cast({{ text }} as timestamptz) < timestamptz '2100-01-01 00:00:00+00'
            then make_timestamp(epoch_us(try_cast({{ text }} as timestamptz)))
    end
{%- endmacro %}
{% macro spark__parse_utc(text) -%}
    case
        when try_cast({{ text }} as timestamp) >= timestamp '2000-01-01 00:00:00Z'
            and try_cast({{ text }} as timestamp) < timestamp '2100-01-01 00:00:00Z'
            then cast(try_cast({{ text }} as timestamp) as timestamp_ntz)
    end
{%- endmacro %}
