{#- A JSON text as it is; NULL where it is no JSON, since reading it would stop the whole query.

    Spark stops reading where a value ends, whatever follows: only the text of one whole value can be
    both the one item of a list and the one field of an object. Where a name stands twice in an object,
    spark.sql.variant.allowDuplicateKeys (profiles.yml) lets it through. Spark refuses what DuckDB takes
    though it is no JSON: NaN, Infinity, a comma before a closing bracket; and what is nested deeper than
    a thousand times. -#}
{% macro valid_json(text) %}{{ return(adapter.dispatch('valid_json')(text)) }}{% endmacro %}
{% macro default__valid_json(text) %}case when json_valid({{ text }}) then {{ text }} end{% endmacro %}
{% macro spark__valid_json(text) -%}
    case
        when
            try_parse_json('[' || {{ text }} || ']') is not null
            and try_parse_json('{"value":' || {{ text }} || '}') is not null
            then {{ text }}
    end
{%- endmacro %}
