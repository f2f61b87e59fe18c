{#- Spark reads landed files through tables that it keeps in a catalog: made anew at the start of each run,
    so that it looks for files again. The files stay where landing put them.

    sources: the sources' tables, as the graph has them -#}
{% macro register_sources(sources) %}
    {%- for table in sources %}
        {%- set location = table.config.meta.get('external_location') or table.meta.get('external_location') -%}
        {%- set pattern = landed_path((location | replace('{name}', table.name)).split("'")[1]) -%}
        {%- set folder = (pattern.split('/*')[0] if '*' in pattern else pattern.rsplit('/', 1)[0]) -%}
        {%- set file = pattern.rsplit('/', 1)[1] -%}
        {%- set columns = [] -%}
        {%- for column in (table.columns.values() if file.endswith('.json') else []) -%}
            {%- do columns.append(column.name ~ ' ' ~ ('timestamp_ntz' if column.data_type == 'timestamp' else column.data_type)) -%}
        {%- endfor -%}
        {%- do run_query('create schema if not exists ' ~ table.schema) -%}
        {%- do run_query('drop table if exists ' ~ table.schema ~ '.' ~ table.identifier) -%}
        {%- set create -%}
            create table {{ table.schema }}.{{ table.identifier }}
            {% if columns %}({{ columns | join(', ') }}) using json{% else %}using parquet{% endif %}
            options (
                recursiveFileLookup 'true',
                pathGlobFilter '{{ file }}',
                {% if columns %}multiLine 'true'{% else %}mergeSchema 'true'{% endif %}
            )
            location '{{ folder }}'
        {%- endset -%}
        {%- do run_query(create) -%}
    {%- endfor -%}
{% endmacro %}

{#- A path that Spark does not take as one below its own warehouse. -#}
{% macro landed_path(path) %}
    {%- if path.startswith('/') or '://' in path -%}{{ return(path) }}{%- endif -%}
    {{ return(env_var('PWD') ~ '/' ~ path) }}
{% endmacro %}
