{#- What Spark calls a type that a contract names in DuckDB's word. dbt compares contracts and makes
    the rows of unit tests by its macro cast, which is answered here. -#}
{% macro spark__cast(field, type) -%}
    {%- set words = {'varchar': 'string', 'timestamp': 'timestamp_ntz', 'integer': 'int'} -%}
    cast({{ field }} as {{ words.get(type | lower, type) }})
{%- endmacro %}
