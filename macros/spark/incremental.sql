{#- Incremental models on Spark. A table is kept in partitions of a day, or of a month where the var
    spark_partition_by says so (config meta.day: the column that tells it). What is new and what is forgotten
    touch some days; the rows of those days, as they shall be, take the place of those that are there: by
    overwriting the days of plain files (overwrite.sql), or by one MERGE where the table is of a format that
    can (merge.sql). -#}
{% materialization incremental, adapter='spark' -%}
    {%- if var('spark_table_format') not in ['parquet', 'delta', 'iceberg'] -%}
        {{ exceptions.raise_compiler_error(
            "The var spark_table_format is '" ~ var('spark_table_format') ~ "': parquet, delta or iceberg is wanted."
        ) }}
    {%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set names = model.columns.values() | map(attribute='name') | join(', ') -%}
    {%- set day = day_column(model) -%}
    {%- set forgetting = 'forget_' in (pre_hooks | map(attribute='sql') | join(' ')) -%}

    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {{ run_hooks(pre_hooks) }}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
        {%- do fill_table(this, rows_with_day(names, day), existing, 'partition_period' if day, name='main') -%}
    {%- else -%}
        {%- if day -%}
            {%- do assert_same_period(this) -%}
        {%- endif -%}
        {{ run_hooks(pre_hooks) }}
        {%- do replace_days(existing, names, day, forgetting, config.get('unique_key')) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{%- endmaterialization %}

{#- The day (or month) of a row, as a text that every catalog finds partitions by; none where a table is too
    small to be worth parts. -#}
{% macro day_column(model) %}
    {%- set column = model.config.get('meta', {}).get('day') -%}
    {%- if column == 'slot' -%}
        {%- set column = timestamp_from_us('slot * ' ~ slot_us()) -%}
    {%- endif -%}
    {%- set length = period_length() -%}
    {{ return(
        "coalesce(substr(cast(cast(" ~ column ~ " as date) as string), 1, " ~ length ~ "), 'none')" if column else none
    ) }}
{% endmacro %}

{#- How much of a date (2026-01-31) tells rows of one partition from others. -#}
{% macro period_length() %}
    {%- set lengths = {'day': 10, 'month': 7} -%}
    {%- set period = var('spark_partition_by') -%}
    {%- if period not in lengths -%}
        {{ exceptions.raise_compiler_error("The var spark_partition_by is '" ~ period ~ "': day or month is wanted.") }}
    {%- endif -%}
    {{ return(lengths[period]) }}
{% endmacro %}

{#- Days would be looked for in vain among months, and their rows be there twice.

    relation: the model's table, with partitions -#}
{% macro assert_same_period(relation) %}
    {%- set held = run_query(
        'select partition_period from ' ~ relation ~ " where partition_period <> 'none' limit 1"
    ).columns[0].values() -%}
    {%- if held and held[0] | length != period_length() -%}
        {{ exceptions.raise_compiler_error(
            relation ~ " is kept in parts such as " ~ held[0] ~ ", and the var spark_partition_by now says '"
            ~ var('spark_partition_by') ~ "'. Build with --full-refresh once, or set the var back."
        ) }}
    {%- endif -%}
{% endmacro %}

{% macro rows_with_day(names, day) -%}
    select {{ names }}{{ ', ' ~ day ~ ' as partition_period' if day }} from ({{ compiled_code }}) as new_rows
{%- endmacro %}

{#- Puts the model's rows into its table, in the place of those that they replace or that are forgotten.

    existing: the table as dbt knows it
    names: the model's columns
    day: SQL for the day of a row, none where the table has no partitions
    forgetting: whether a pre-hook said what goes: forget()
    unique_key: column whose rows go where a new one bears the same value, none where nothing does -#}
{% macro replace_days(existing, names, day, forgetting, unique_key) %}
    {%- set new = draft_of(this, 'new_') -%}
    {%- set columns = names ~ (', partition_period' if day else '') -%}
    {%- set mark = 'partition_period' if day else 'true' -%}
    {%- set stays = kept(this) if forgetting else this -%}
    {%- set replaced = unique_key ~ ' in (select ' ~ unique_key ~ ' from ' ~ new ~ ')' if unique_key else 'false' -%}
    {%- call statement('main') -%}
        create table {{ new }} using {{ var('spark_table_format') }} as {{ rows_with_day(names, day) }}
    {%- endcall -%}
    {%- set query -%}
        select {{ mark }} as touched from {{ new }}
        union select {{ mark }} from {{ this }} where {{ replaced }}
        {% if forgetting %}union select {{ mark }} from {{ this.identifier }}__forgotten{% endif %}
    {%- endset -%}
    {%- set touched = run_query(query).columns[0].values() | list -%}
    {%- if touched -%}
        {%- set days = "partition_period in ('" ~ touched | join("', '") ~ "')" if day else 'true' -%}
        {%- set rows -%}
            select {{ columns }} from {{ stays }} where {{ days }} and not {{ replaced }}
            union all
            select {{ columns }} from {{ new }}
        {%- endset -%}
        {%- if is_merged(existing) -%}
            {%- do run_query(merge_days(this, rows, columns, touched if day else none)) -%}
        {%- else -%}
            {%- do overwrite_days(this, rows, touched if day else none) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do run_query('drop table ' ~ new) -%}
{% endmacro %}
