{#- The person behind a device: the customer seen on it, else the device alone.

    customer_id, visitor_id: columns -#}
{% macro person_id(customer_id, visitor_id) -%}
    coalesce('customer:' || {{ customer_id }}, 'visitor:' || {{ visitor_id }})
{%- endmacro %}
