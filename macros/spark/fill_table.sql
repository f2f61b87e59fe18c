{#- Makes a table of a query's rows, in the place of one that there may be. Spark keeps the folder of a table
    whose filling or dropping was cut short, has no table to drop for it, and refuses to make one there
    again (LOCATION_ALREADY_EXISTS). So plain files are filled under a name of this run and then take the
    table's name, and what has to go takes such a name before it is dropped: what a kill leaves behind
    stands in nobody's way. Delta and Iceberg replace a table at once.

    relation: the table
    sql: the query
    existing: the table that is there, none where there is none
    partitions: column of its partitions, none where it has none
    name: of dbt's statement, where the result is one that dbt asks for -#}
{% macro fill_table(relation, sql, existing=none, partitions=none, name='fill_table') %}
    {%- set plain = var('spark_table_format') == 'parquet' -%}
    {%- set filled = draft_of(relation) if plain else relation -%}
    {%- if existing is not none and not plain and not is_merged(existing) -%}
        {%- do let_go(existing) -%}
    {%- endif -%}
    {%- call statement(name) -%}
        create {{ '' if plain else 'or replace ' }}table {{ filled }} using {{ var('spark_table_format') }}
        {%- if partitions %} partitioned by ({{ partitions }}){% endif %} as
        {{ sql }}
    {%- endcall -%}
    {%- if plain -%}
        {%- if existing is not none -%}
            {%- do let_go(existing) -%}
        {%- endif -%}
        {%- do run_query('alter table ' ~ filled ~ ' rename to ' ~ relation) -%}
    {%- endif -%}
{% endmacro %}

{#- Whether a table is of a format that MERGE changes: what it is, not what the var says now. -#}
{% macro is_merged(relation) %}{{ return(relation.is_delta or relation.is_iceberg) }}{% endmacro %}

{#- A name beside a table's that no other run has. -#}
{% macro draft_of(relation, part='') %}
    {{ return(relation.incorporate(
        path={'identifier': relation.identifier ~ '__draft_' ~ part ~ invocation_id.replace('-', '')[:12]}, type='table'
    )) }}
{% endmacro %}

{#- Drops a table or view; its name is free as soon as this begins. -#}
{% macro let_go(relation) %}
    {%- if relation.is_view -%}
        {%- do run_query('drop view if exists ' ~ relation) -%}
    {%- elif is_merged(relation) -%}
        {%- do run_query('drop table if exists ' ~ relation) -%}
    {%- else -%}
        {%- set gone = draft_of(relation, 'gone_') -%}
        {%- do run_query('alter table ' ~ relation ~ ' rename to ' ~ gone) -%}
        {%- do run_query('drop table ' ~ gone) -%}
    {%- endif -%}
{% endmacro %}

{#- on-run-start: lets go what runs that were cut short had filled and not yet named. -#}
{% macro drop_drafts() %}
    {%- if adapter.check_schema_exists(target.database, target.schema) -%}
        {%- for row in run_query('show tables in ' ~ target.schema ~ " like '*__draft_*'").rows -%}
            {%- do run_query('drop table if exists ' ~ target.schema ~ '.' ~ row['tableName']) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
