{#- Makes a table of a query's rows, in the place of one that there may be. Spark keeps the folder of a table
    whose filling was cut short, has no table to drop for it, and refuses to make one there again
    (LOCATION_ALREADY_EXISTS). So a table is filled under a name of this run and then renamed: what is
    there was filled to its end, and a run that was cut short stands in nobody's way.

    relation: the table
    sql: the query
    partitions: column of its partitions, none where it has none
    name: of dbt's statement, where the result is one that dbt asks for -#}
{% macro fill_table(relation, sql, partitions=none, name='fill_table') %}
    {%- set draft = relation.incorporate(
        path={'identifier': relation.identifier ~ '__draft_' ~ invocation_id.replace('-', '')[:12]}, type='table'
    ) -%}
    {%- call statement(name) -%}
        create table {{ draft }} using {{ var('spark_table_format') }}{{ ' partitioned by (' ~ partitions ~ ')' if partitions }} as
        {{ sql }}
    {%- endcall -%}
    {%- do run_query('drop table if exists ' ~ relation) -%}
    {%- do run_query('alter table ' ~ draft ~ ' rename to ' ~ relation) -%}
{% endmacro %}

{#- on-run-start: lets go what runs that were cut short had filled and not yet named. -#}
{% macro drop_drafts() %}
    {%- if adapter.check_schema_exists(target.database, target.schema) -%}
        {%- for row in run_query('show tables in ' ~ target.schema ~ " like '*__draft_*'").rows -%}
            {%- do run_query('drop table if exists ' ~ target.schema ~ '.' ~ row['tableName']) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
