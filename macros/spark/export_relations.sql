{#- Operation: writes every table, view and seed as Parquet files into a folder of its own, for another
    engine to read: publishing from DuckDB, or the comparison of both.

    folder: absolute path or address that all machines of the cluster can write to
    names: what to write, all of which must be built; what there is of all where none are given -#}
{% macro export_relations(folder, names=none) %}
    {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed'] and (names is none or node.alias in names) -%}
        {%- set relation = adapter.get_relation(none, node.schema, node.alias) -%}
        {%- if relation is none and names is not none -%}
            {{ exceptions.raise_compiler_error(node.alias ~ ' is not built yet: build the whole project once.') }}
        {%- elif relation is not none -%}
            {%- set columns = node.columns.values() | map(attribute='name') | join(', ') if node.resource_type == 'model' else '*' -%}
            {%- do run_query(
                "insert overwrite directory '" ~ folder ~ '/' ~ node.alias ~ "' using parquet select " ~ columns ~ ' from ' ~ relation
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
