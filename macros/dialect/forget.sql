{#- Takes rows out of a model's table, in the transaction in which the model then puts others in: SQL for
    a pre-hook. The model reads what is left as kept(relation).

    Spark changes no row of plain files: there, what stays and what goes are two views, and the
    materialization writes the days that either touches anew (macros/spark/incremental.sql).

    relation: the model's table
    rows: an SQL condition -#}
{% macro forget(relation, rows) %}{{ return(adapter.dispatch('forget')(relation, rows)) }}{% endmacro %}
{% macro default__forget(relation, rows) %}
    delete from {{ relation }} where {{ rows }}
{% endmacro %}
{% macro spark__forget(relation, rows) %}
    {%- if execute -%}
        {%- do run_query(
            'create or replace temporary view ' ~ kept(relation) ~ ' as select * from ' ~ relation
            ~ ' where not coalesce((' ~ rows ~ '), false)'
        ) -%}
    {%- endif -%}
    create or replace temporary view {{ relation.identifier }}__forgotten as
    select * from {{ relation }} where {{ rows }}
{% endmacro %}
