{#- dbt's own binds a missing value of a seed as the text 'None' where it speaks to Spark in a session.

    model: the seed
    rows: its rows, as agate has them -#}
{% macro spark__load_csv_rows(model, rows) %}
    {%- set types = model.config.get('column_types', {}) -%}
    {%- set lines = [] -%}
    {%- set bindings = [] -%}
    {%- for row in rows.rows -%}
        {%- set values = [] -%}
        {%- for column in rows.column_names -%}
            {%- set value = row[column] -%}
            {%- set type = types.get(column, adapter.convert_type(rows, loop.index0)) -%}
            {%- if value is none -%}
                {%- do values.append('cast(null as ' ~ type ~ ')') -%}
            {%- else -%}
                {%- do values.append('cast(' ~ get_binding_char() ~ ' as ' ~ type ~ ')') -%}
                {%- do bindings.append(value) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do lines.append('(' ~ values | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set sql = 'insert into ' ~ this ~ ' values ' ~ lines | join(', ') -%}
    {%- if lines -%}
        {%- do adapter.add_query(sql, bindings=bindings, abridge_sql_log=True) -%}
    {%- endif -%}
    {{ return(sql) }}
{% endmacro %}
