{#- Incremental models on Spark, which has neither deletes nor transactions on plain files. A table is kept
    in partitions of a day (config meta.day: the column that tells it). What is new and what is forgotten
    touch some days; the rows of those days, as they shall be, are written to a table beside it,
    <name>__next, and then take the days' place (insert overwrite).

    A run that is cut short while the days are replaced has lost nothing: <name>__next is whole before that
    begins, and the next run finishes it first (finish_overwrites). Replacing days twice is replacing
    them once. -#}
{% materialization incremental, adapter='spark' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set names = model.columns.values() | map(attribute='name') | join(', ') -%}
    {%- set day = day_column(model) -%}
    {%- set forgetting = 'forget_' in (pre_hooks | map(attribute='sql') | join(' ')) -%}

    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {{ run_hooks(pre_hooks) }}
        {%- if existing is not none -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
        {%- call statement('main') -%}
            create table {{ this }} using parquet {% if day %}partitioned by (partition_day) {% endif %}as
            select {{ names }}{{ ', ' ~ day ~ ' as partition_day' if day }} from ({{ compiled_code }}) as new_rows
        {%- endcall -%}
    {%- else -%}
        {{ run_hooks(pre_hooks) }}
        {%- do overwrite_days(names, day, forgetting, config.get('unique_key')) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{%- endmaterialization %}

{#- The day of a row, as a text that every catalog finds partitions by; none where a table is too small to be
    worth parts. -#}
{% macro day_column(model) %}
    {%- set column = model.config.get('meta', {}).get('day') -%}
    {%- if column == 'slot' -%}
        {%- set column = timestamp_from_us('slot * ' ~ slot_us()) -%}
    {%- endif -%}
    {{ return("coalesce(cast(cast(" ~ column ~ " as date) as string), 'none')" if column else none) }}
{% endmacro %}

{% macro overwrite_days(names, day, forgetting, unique_key) %}
    {%- set new = this.incorporate(path={'identifier': this.identifier ~ '__new'}, type='table') -%}
    {%- set next = this.incorporate(path={'identifier': this.identifier ~ '__next'}, type='table') -%}
    {%- set stays = kept(this) if forgetting else this -%}
    {%- set replaced = unique_key ~ ' in (select ' ~ unique_key ~ ' from ' ~ new ~ ')' if unique_key else 'false' -%}
    {%- do run_query('drop table if exists ' ~ new) -%}
    {%- call statement('main') -%}
        create table {{ new }} using parquet as
        select {{ names }}{{ ', ' ~ day ~ ' as partition_day' if day }} from ({{ compiled_code }}) as new_rows
    {%- endcall -%}
    {%- set mark = 'partition_day' if day else 'true' -%}
    {%- set query -%}
        select {{ mark }} as touched from {{ new }}
        union select {{ mark }} from {{ this }} where {{ replaced }}
        {% if forgetting %}union select {{ mark }} from {{ this.identifier }}__forgotten{% endif %}
    {%- endset -%}
    {%- set touched = run_query(query).columns[0].values() | list -%}
    {%- if touched -%}
        {%- set days = "partition_day in ('" ~ touched | join("', '") ~ "')" if day else 'true' -%}
        {%- set next_rows -%}
            create table {{ next }} using parquet as
            select {{ names }}{{ ', partition_day' if day }} from {{ stays }} where {{ days }} and not {{ replaced }}
            union all
            select {{ names }}{{ ', partition_day' if day }} from {{ new }}
        {%- endset -%}
        {%- do run_query(next_rows) -%}
        {%- set held = run_query('select distinct partition_day from ' ~ next).columns[0].values() if day else touched -%}
        {%- do finish_overwrite(this, next) -%}
        {#- A day that has no row left is not overwritten; a run that ends here finds it again. -#}
        {%- for gone in touched if gone not in held -%}
            {%- do run_query('alter table ' ~ this ~ " drop if exists partition (partition_day = '" ~ gone ~ "')") -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do run_query('drop table if exists ' ~ new) -%}
{% endmacro %}

{#- Puts the days of a whole table of the next rows in the place of the same days. -#}
{% macro finish_overwrite(relation, next) %}
    {%- set names = adapter.get_columns_in_relation(next) | map(attribute='name') | list -%}
    {%- do run_query('set spark.sql.sources.partitionOverwriteMode = DYNAMIC') -%}
    {%- do run_query(
        'insert overwrite table ' ~ relation ~ (' partition (partition_day)' if 'partition_day' in names else '')
        ~ ' select ' ~ names | join(', ') ~ ' from ' ~ next
    ) -%}
    {%- do run_query('drop table ' ~ next) -%}
{% endmacro %}

{#- on-run-start: finishes what a run that was cut short had begun to replace. -#}
{% macro finish_overwrites() %}
    {%- for model in graph.nodes.values() if model.config.materialized == 'incremental' -%}
        {%- set next = adapter.get_relation(none, model.schema, model.alias ~ '__next') -%}
        {%- if next is not none -%}
            {%- set relation = next.incorporate(path={'identifier': model.alias}) -%}
            {%- do log('Finishing what a run that was cut short had begun: ' ~ relation, info=true) -%}
            {%- do finish_overwrite(relation, next) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
