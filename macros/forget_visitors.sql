{#- Pre-hook of the tables that are recomputed visitor by visitor: takes the touched visitors'
    rows out, in the transaction in which the model then puts the new ones in. A plain
    delete+insert by key would leave behind the rows of a visitor who has no event left.

    relation: the table itself
    loaded_at: its column of loading moments -#}
{% macro forget_visitors(relation, loaded_at='loaded_at') %}
    {%- if is_incremental() -%}
        delete from {{ relation }}
        where visitor_id in ({{ touched_visitors(watermark(relation, loaded_at)) }})
    {%- endif -%}
{% endmacro %}
