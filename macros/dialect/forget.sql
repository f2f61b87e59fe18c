{#- Takes rows out of a model's table, in the transaction in which the model then puts others in: SQL for
    a pre-hook. The model sees what is left as kept(relation).

    Spark changes no row of plain files: there, what is kept is a view, and the materialization writes
    it together with the new rows (macros/spark/incremental.sql).

    relation: the model's table
    rows: an SQL condition -#}
{% macro forget(relation, rows) %}{{ return(adapter.dispatch('forget')(relation, rows)) }}{% endmacro %}
{% macro default__forget(relation, rows) %}
    delete from {{ relation }} where {{ rows }}
{% endmacro %}
{% macro spark__forget(relation, rows) %}
    create or replace temporary view {{ kept(relation) }} as
    select * from {{ relation }} where not coalesce(({{ rows }}), false)
{% endmacro %}

{% macro kept(relation) %}{{ return(adapter.dispatch('kept')(relation)) }}{% endmacro %}
{% macro default__kept(relation) %}{{ return(relation) }}{% endmacro %}
{% macro spark__kept(relation) %}{{ return(relation.identifier ~ '__kept') }}{% endmacro %}
