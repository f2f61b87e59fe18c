{#- The newest moment of loading that a relation has taken in, as a literal, so that the scan
    of landing can skip whole files by their statistics.

    Before the first run it is the beginning of time: a comparison with NULL would drop every row.

    relation: the table that holds what was taken in
    loaded_at: its column of loading moments -#}
{% macro watermark(relation, loaded_at='loaded_at') %}
    {%- set beginning = '1970-01-01 00:00:00' -%}
    {%- if execute and is_incremental() -%}
        {%- set newest = run_query(
            "select cast(coalesce(max(" ~ loaded_at ~ "), " ~ timestamp_literal(beginning) ~ ") as "
            ~ dbt.type_string() ~ ") as newest from " ~ relation
        ).columns[0].values()[0] -%}
        {{ timestamp_literal(newest) }}
    {%- else -%}
        {{ timestamp_literal(beginning) }}
    {%- endif -%}
{% endmacro %}
