{#- The person behind an order: its customer; a guest is a person of one order.

    customer_id, order_id: columns -#}
{% macro buyer_id(customer_id, order_id) -%}
    coalesce('customer:' || {{ customer_id }}, 'order:' || {{ order_id }})
{%- endmacro %}
