{#- The newest moment of loading among the rows of a table, as a literal, so that the scan of landing
    can skip whole files by their statistics; the beginning of time where there is none, since a
    comparison with NULL would drop every row.

    relation: a table with loaded_at -#}
{% macro newest_load(relation) %}
    {%- set found = run_query(
        'select cast(max(loaded_at) as ' ~ dbt.type_string() ~ ') as newest from ' ~ relation
    ).columns[0].values()[0] if execute else none -%}
    {{ return(timestamp_literal(found or '1970-01-01 00:00:00')) }}
{% endmacro %}
