{#- Tables that are built whole. dbt's own drops the table and fills it in its place: see fill_table. -#}
{% materialization table, adapter='spark' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set names = model.columns.values() | map(attribute='name') | join(', ') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do get_assert_columns_equivalent(compiled_code) -%}
    {%- do fill_table(this, 'select ' ~ names ~ ' from (' ~ compiled_code ~ ') as model_rows', existing, name='main') -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmaterialization %}
