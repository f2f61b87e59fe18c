{#- The rows of a table whose key is among some, where they are few among many and their columns wide.
    DuckDB joins every column of each block that may hold a key; asked by row number, it reads the
    rows alone (an eighth of the time for 3,400 rows of 10 million).

    relation: a table, not a view
    key: its column
    keys: a relation with that column -#}
{% macro rows_of_keys(relation, key, keys) %}{{ return(adapter.dispatch('rows_of_keys')(relation, key, keys)) }}{% endmacro %}
{% macro default__rows_of_keys(relation, key, keys) -%}
    {%- if relation.is_cte -%}
        {#- What a unit test gives has no row numbers. -#}
        {{ spark__rows_of_keys(relation, key, keys) }}
    {%- else -%}
        (
            select * from {{ relation }}
            where rowid in (select rowid from {{ relation }} where {{ key }} in (select {{ key }} from {{ keys }}))
        )
    {%- endif -%}
{%- endmacro %}
{% macro spark__rows_of_keys(relation, key, keys) -%}
    (select * from {{ relation }} where {{ key }} in (select {{ key }} from {{ keys }}))
{%- endmacro %}
