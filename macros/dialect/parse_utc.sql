{#- The moment in UTC, without zone, that a text names; NULL where it names none.

    A text is read in one way or not at all: ISO 8601 with date and time (docs/event_contract.md
    lists the forms), since each engine guesses at others in its own way. A text without zone is
    taken as UTC. Years outside 2000 to 2099 are no clock's word: NULL. -#}
{% macro parse_utc(text) %}{{ return(adapter.dispatch('parse_utc')(text)) }}{% endmacro %}
{% macro default__parse_utc(text) -%}
    coalesce({{ moment_of_form(text) }}, {{ moment_of_pattern(text) }})
{%- endmacro %}
{#- In Java a dollar leaves room for a newline; and Spark reads no zone where there are no seconds. -#}
{% macro spark__parse_utc(text) -%}
    {%- set moment -%}
        try_cast(
            substr({{ text }}, 1, 16) || case when substr({{ text }}, 17, 1) = ':' then '' else ':00' end
            || substr({{ text }}, 17) as timestamp
        )
    {%- endset -%}
    case
        when {{ text }} rlike '(?s)^{{ moment_pattern() }}(?!.)'
            and {{ moment }} >= timestamp '2000-01-01 00:00:00Z'
            and {{ moment }} < timestamp '2100-01-01 00:00:00Z'
            then cast({{ moment }} as timestamp_ntz)
    end
{%- endmacro %}

{#- Nearly every text has the form that JavaScript's clock writes. Its length, its ends and the format
    leave no room for another (each number has its full width), at a third of the pattern's cost. -#}
{% macro moment_of_form(text) -%}
    case
        when length({{ text }}) = 24 and {{ text }} >= '20' and {{ text }} < '21' and suffix({{ text }}, 'Z')
            then try_strptime({{ text }}, '%Y-%m-%dT%H:%M:%S.%gZ')
    end
{%- endmacro %}
{% macro moment_of_pattern(text) -%}
    case
        when regexp_full_match({{ text }}, '{{ moment_pattern() }}')
            and try_cast({{ text }} as timestamptz) >= timestamptz '2000-01-01 00:00:00+00'
            and try_cast({{ text }} as timestamptz) < timestamptz '2100-01-01 00:00:00+00'
            then make_timestamp(epoch_us(try_cast({{ text }} as timestamptz)))
    end
{%- endmacro %}
