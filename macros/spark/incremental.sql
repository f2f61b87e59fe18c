{#- Incremental models on Spark: what forget() kept and the new rows become the table's next version, which
    then takes its place. Spark has neither transactions nor deletes on plain files, so a run that is cut
    short leaves the old table, the new one, or none; where there is none, the next run builds it in full.

    A model that forgets nothing is appended to; one with a unique_key loses the rows of the keys that
    come in, as with delete+insert. -#}
{% materialization incremental, adapter='spark' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set forgetting = [] -%}
    {%- for hook in pre_hooks if 'forget_' in hook.sql -%}{%- do forgetting.append(hook) -%}{%- endfor -%}
    {%- set unique_key = config.get('unique_key') -%}
    {%- set next = this.incorporate(path={'identifier': this.identifier ~ '__next'}, type='table') -%}
    {%- set new = this.identifier ~ '__new' -%}
    {%- set names = model.columns.values() | map(attribute='name') | join(', ') -%}

    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {{ run_hooks(pre_hooks) }}
        {%- if existing is not none -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}{{ create_table_as(False, this, compiled_code) }}{%- endcall -%}
    {%- elif not forgetting and not unique_key -%}
        {{ run_hooks(pre_hooks) }}
        {%- call statement('main') -%}
            insert into {{ this }} ({{ names }})
            select {{ names }} from ({{ compiled_code }}) as new_rows
        {%- endcall -%}
    {%- else -%}
        {{ run_hooks(pre_hooks) }}
        {%- do run_query('create or replace temporary view ' ~ new ~ ' as ' ~ compiled_code) -%}
        {%- do run_query('drop table if exists ' ~ next) -%}
        {%- call statement('main') -%}
            create table {{ next }} using {{ config.get('file_format', 'parquet') }} as
            select {{ names }} from {{ kept(this) if forgetting else this }}
            {% if unique_key %}where {{ unique_key }} not in (select {{ unique_key }} from {{ new }}){% endif %}
            union all
            select {{ names }} from {{ new }}
        {%- endcall -%}
        {%- do adapter.drop_relation(existing) -%}
        {%- do run_query('alter table ' ~ next ~ ' rename to ' ~ this) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{%- endmaterialization %}
