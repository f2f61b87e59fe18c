{#- The newest moment of loading that a model has taken in, as a literal; the beginning of time before
    its first run. A model may keep no row of a load, so its rows cannot say it: it notes how far it
    has come in int_watermarks, in its own transaction (keep_watermark).

    relation: the model's table -#}
{% macro watermark(relation) %}
    {%- set marks = ref('int_watermarks') -%}
    {%- set found = [] -%}
    {%- if execute and is_incremental() -%}
        {%- set query -%}
            select cast(loaded_at as {{ dbt.type_string() }}) as newest from {{ marks }}
            where model = '{{ relation.identifier }}' order by recorded_at desc limit 1
        {%- endset -%}
        {%- set found = run_query(query).columns[0].values() -%}
    {%- endif -%}
    {{ return(timestamp_literal(found[0] if found else '1970-01-01 00:00:00')) }}
{% endmacro %}
