{#- A row for each element of the array $.products of a JSON text, with product_id and position.

    relation: where from; columns: what to keep of it; json: its column of JSON text;
    fields: what else of each element, as text.
    Elements without a product_id give no row. Where the array names no position that is a whole number,
    it is the element's place, from 1. Spark takes a text that holds JSON for the JSON in it. -#}
{% macro exploded_products(relation, columns, json, fields=[]) %}{{ return(adapter.dispatch('exploded_products')(relation, columns, json, fields)) }}{% endmacro %}
{% macro default__exploded_products(relation, columns, json, fields) %}
    select
        {{ columns | join(', ') }},
        json_extract_string(element, '$.product_id') as product_id,
        {%- for field in fields %}
        json_extract_string(element, '$.{{ field }}') as {{ field }},
        {%- endfor %}
        coalesce({{ whole_number("json_extract_string(element, '$.position')") }}, cast(place as integer)) as position
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
        product_id,
        {%- for field in fields %}
        {{ field }},
        {%- endfor %}
        coalesce({{ whole_number('position_text') }}, cast(place + 1 as int)) as position
    from (
        select
            {{ columns | join(', ') }},
            place,
            {{ spark__json_text('element', '$.product_id') }} as product_id,
            {%- for field in fields %}
            {{ spark__json_text('element', '$.' ~ field) }} as {{ field }},
            {%- endfor %}
            get_json_object(element, '$.position') as position_text
        from {{ relation }}
        lateral view posexplode(
            case
                when get_json_object({{ json }}, '$.products') like '[%'
                    then from_json(get_json_object({{ json }}, '$.products'), 'array<string>')
            end
        ) as place, element
    ) as exploded
    where product_id is not null
{% endmacro %}
