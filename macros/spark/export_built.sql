{#- on-run-end: writes what this run built as Parquet files into the folder that the var export_to names, on Spark.
    What export_relations would do afterwards costs a second start of the engine.

    results: what became of each node of the run -#}
{% macro export_built(results) %}
    {%- if execute and target.type == 'spark' and var('export_to') is not none -%}
        {%- set names = [] -%}
        {%- for result in results if result.status == 'success' and result.node.resource_type in ['model', 'seed'] -%}
            {%- do names.append(result.node.alias) -%}
        {%- endfor -%}
        {%- if names -%}{%- do export_relations(var('export_to'), names) -%}{%- endif -%}
    {%- endif -%}
{% endmacro %}
