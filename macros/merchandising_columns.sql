{#- The columns of a merchandising rule as people type them, without the spaces around; NULL where there is
    nothing else. -#}
{% macro merchandising_columns() %}
    {%- set columns = [
        'rule_id', 'action', 'target_type', 'target_value', 'slot', 'department', 'beside_product_id', 'position',
        'factor', 'valid_from', 'valid_to', 'created_by', 'reason', 'recorded_at'
    ] -%}
    {%- for column in columns %}
        nullif(trim({{ column }}), '') as {{ column }}{% if not loop.last %},{% endif %}
    {%- endfor -%}
{% endmacro %}
