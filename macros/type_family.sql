{#- 'number', 'time', 'text' or the type itself: types of a family cast into one another safely.

    type: a type's name in DuckDB or Spark -#}
{% macro type_family(type) %}
    {%- set name = type.split('(')[0] | upper -%}
    {%- if name in ['TINYINT', 'SMALLINT', 'INTEGER', 'INT', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER',
                    'UBIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL'] -%}
        {{ return('number') }}
    {%- elif name.startswith('TIMESTAMP') or name == 'DATE' -%}
        {{ return('time') }}
    {%- elif name in ['VARCHAR', 'STRING', 'JSON', 'UUID'] -%}
        {{ return('text') }}
    {%- endif -%}
    {{ return(name) }}
{% endmacro %}
