{#- Plain files know neither deletes nor transactions. The rows of the touched days, as they shall be, are
    written to a table beside the model's, <name>__next, and then take the days' place (insert overwrite).

    A run that is cut short while the days are replaced has lost nothing: <name>__next is whole before that
    begins, and the next run finishes it first (finish_overwrites). Replacing days twice is replacing
    them once.

    relation: the model's table
    rows: SQL for all rows of the touched days
    days: the touched days, none where the table has no partitions -#}
{% macro overwrite_days(relation, rows, days) %}
    {%- set next = relation.incorporate(path={'identifier': relation.identifier ~ '__next'}, type='table') -%}
    {%- do fill_table(next, rows) -%}
    {%- set held = run_query('select distinct partition_period from ' ~ next).columns[0].values() if days else [] -%}
    {%- do finish_overwrite(relation, next) -%}
    {#- A day that has no row left is not overwritten; a run that ends here finds it again. -#}
    {%- for gone in days or [] if gone not in held -%}
        {%- do run_query('alter table ' ~ relation ~ " drop if exists partition (partition_period = '" ~ gone ~ "')") -%}
    {%- endfor -%}
{% endmacro %}

{#- Puts the days of a whole table of the next rows in the place of the same days. -#}
{% macro finish_overwrite(relation, next) %}
    {%- set names = adapter.get_columns_in_relation(next) | map(attribute='name') | list -%}
    {%- do run_query('set spark.sql.sources.partitionOverwriteMode = DYNAMIC') -%}
    {%- do run_query(
        'insert overwrite table ' ~ relation ~ (' partition (partition_period)' if 'partition_period' in names else '')
        ~ ' select ' ~ names | join(', ') ~ ' from ' ~ next
    ) -%}
    {%- do let_go(next) -%}
{% endmacro %}

{#- on-run-start: finishes what a run that was cut short had begun to replace. -#}
{% macro finish_overwrites() %}
    {%- for model in graph.nodes.values() if model.config.materialized == 'incremental' -%}
        {%- set next = adapter.get_relation(none, model.schema, model.alias ~ '__next') -%}
        {%- if next is not none -%}
            {%- set relation = next.incorporate(path={'identifier': model.alias}) -%}
            {%- do log('Finishing what a run that was cut short had begun: ' ~ relation, info=true) -%}
            {%- do finish_overwrite(relation, next) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
