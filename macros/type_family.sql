{#- 'number', 'time', 'text' or the type itself: types of a family cast into one another safely.

    type: a DuckDB type name -#}
{% macro type_family(type) %}
    {%- set name = type.split('(')[0] | upper -%}
    {%- if name in ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER',
                    'UBIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL'] -%}
        {{ return('number') }}
    {%- elif name.startswith('TIMESTAMP') or name == 'DATE' -%}
        {{ return('time') }}
    {%- elif name in ['VARCHAR', 'JSON', 'UUID'] -%}
        {{ return('text') }}
    {%- endif -%}
    {{ return(name) }}
{% endmacro %}
