{#- In the place of dbt-duckdb's: what an increment that only appends is to add is written once. dbt writes new
    rows to a temporary table and from there to the model's; a temporary view instead of that table lets
    them go straight in, which at millions of wide rows is a third of the step's time. A model that reads
    its own table keeps dbt's way, since it must not see what it adds. -#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- if temporary and language == 'sql' and config.get('incremental_strategy') == 'append'
        and this | string not in compiled_code -%}
        {{ get_assert_columns_equivalent(compiled_code) }}
        create temporary view {{ relation.identifier }} as ({{ compiled_code }})
    {%- else -%}
        {{ dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by) }}
    {%- endif -%}
{%- endmacro %}
