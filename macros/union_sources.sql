{#- One relation out of every source's staging model of an entity.

    entity: the part after stg_<source>__
    sources: names of sources, each one of the var staged_sources -#}
{% macro union_sources(entity, sources) %}
    {%- if not sources -%}
        {{ exceptions.raise_compiler_error(
            "No source is named for '" ~ entity ~ "': set the vars event_sources and table_sources in vars.yml"
        ) }}
    {%- endif -%}
    {%- for source in sources %}
        {%- if source not in var('staged_sources') -%}
            {{ exceptions.raise_compiler_error(
                "The vars event_sources and table_sources name '" ~ source ~ "', but models/staging/ has no such source: "
                ~ "it has " ~ (var('staged_sources') | join(', ')) ~ ". Correct the name in vars.yml (or after --vars), or add "
                ~ "models/staging/" ~ source ~ "/ with stg_" ~ source ~ "__" ~ entity ~ ".sql and name it in staged_sources."
            ) }}
        {%- endif %}
        select * from {{ ref('stg_' ~ source ~ '__' ~ entity) }}
        {%- if not loop.last %}
        union all{% endif %}
    {%- endfor -%}
{% endmacro %}
