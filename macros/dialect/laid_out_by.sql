{#- The end of a model that is kept by increments: a table that is built whole is laid down in the order of a
    column, so that scans which ask for a range of it skip the rest. What increments append later lies in
    that order by itself, but for what comes late.

    Spark skips by the days that its tables are kept in (macros/spark/incremental.sql).

    column: what scans ask for ranges of -#}
{% macro laid_out_by(column) %}{{ return(adapter.dispatch('laid_out_by')(column)) }}{% endmacro %}
{% macro default__laid_out_by(column) %}
    {%- if not is_incremental() -%}order by {{ column }}{%- endif -%}
{% endmacro %}
{% macro spark__laid_out_by(column) %}{% endmacro %}
