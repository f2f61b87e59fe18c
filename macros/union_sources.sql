{#- One relation out of every source's staging model of an entity.

    entity: the part after stg_<source>__
    sources: names of sources; each must have a folder in models/staging -#}
{% macro union_sources(entity, sources) %}
    {%- if not sources -%}
        {{ exceptions.raise_compiler_error(
            "No source is named for '" ~ entity ~ "': set the vars event_sources and table_sources in dbt_project.yml"
        ) }}
    {%- endif -%}
    {%- for source in sources %}
        select * from {{ ref('stg_' ~ source ~ '__' ~ entity) }}
        {%- if not loop.last %}
        union all{% endif %}
    {%- endfor -%}
{% endmacro %}
