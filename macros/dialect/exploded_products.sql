{#- A row for each element of the array $.products of a JSON text, with product_id and position.

    relation: where from; columns: what to keep of it; json: its column of JSON text;
    fields: what else of each element, as text.
    Elements without a product_id give no row. Where the array names no position, it is the
    element's place, from 1. -#}
{% macro exploded_products(relation, columns, json, fields=[]) %}{{ return(adapter.dispatch('exploded_products')(relation, columns, json, fields)) }}{% endmacro %}
{% macro default__exploded_products(relation, columns, json, fields) %}
    select
        {{ columns | join(', ') }},
        json_extract_string(element, '$.product_id') as product_id,
        {%- for field in fields %}
        json_extract_string(element, '$.{{ field }}') as {{ field }},
        {%- endfor %}
        coalesce(try_cast(json_extract_string(element, '$.position') as integer), cast(place as integer)) as position
    from (
        select
            {{ columns | join(', ') }},
            unnest(json_extract({{ json }}, '$.products[*]')) as element,
            generate_subscripts(json_extract({{ json }}, '$.products[*]'), 1) as place
        from {{ relation }}
    ) as exploded
    where json_extract_string(element, '$.product_id') is not null
{% endmacro %}
{% macro spark__exploded_products(relation, columns, json, fields) %}
    select
        {{ columns | join(', ') }},
        element.product_id as product_id,
        {%- for field in fields %}
        element.{{ field }} as {{ field }},
        {%- endfor %}
        coalesce(try_cast(element.position as int), cast(place + 1 as int)) as position
    from {{ relation }}
    lateral view posexplode(
        from_json(
            get_json_object({{ json }}, '$.products'),
            'array<struct<product_id: string, position: string{% for field in fields %}, {{ field }}: string{% endfor %}>>'
        )
    ) as place, element
    where element.product_id is not null
{% endmacro %}
