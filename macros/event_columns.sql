{#- The canonical columns of an event, in the order of the contract (docs/event_contract.md).

    relation: alias that the columns are taken from -#}
{% macro event_columns(relation) %}
    {%- set columns = [
        'event_id', 'event_type', 'event_at', 'received_at', 'loaded_at', 'visitor_id', 'customer_id',
        'product_id', 'order_id', 'quantity', 'unit_price', 'currency', 'page_path', 'referrer',
        'utm_source', 'utm_medium', 'utm_campaign', 'device_type', 'user_agent', 'country', 'list_id',
        'position', 'recommendation_id', 'experiment_assignments', 'properties', 'source',
        'unreadable_field', 'batch_id', 'line_number', 'content_hash'
    ] -%}
    {%- for column in columns %}
        {{ relation }}.{{ column }}{% if not loop.last %},{% endif %}
    {%- endfor -%}
{% endmacro %}
