{#- on-run-start: stops a run before it does anything where what it would read is not there or
    not what its source declares, and says what to do. Only DuckDB reads files of its own. -#}
{% macro assert_landed() %}
    {%- if execute and target.type == 'duckdb' and flags.WHICH in ['build', 'run', 'test'] -%}
        {%- do assert_same_shop() -%}
        {%- set reached = {} -%}
        {%- do collect_upstream(selected_resources, reached) -%}
        {%- for table in graph.sources.values() if table.unique_id in reached -%}
            {%- do assert_source_table_landed(table.source_name, table) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#- Only the tables that this run reads, be it through views: one model can be run without the rest.

    ids: unique ids of nodes
    reached: dictionary that takes up their ids and those of all that they are built from -#}
{% macro collect_upstream(ids, reached) %}
    {%- for id in ids if id not in reached -%}
        {%- do reached.update({id: true}) -%}
        {%- do collect_upstream(graph.nodes.get(id, {}).get('depends_on', {}).get('nodes', []), reached) -%}
    {%- endfor -%}
{% endmacro %}

{% macro assert_source_table_landed(source, table) %}
    {%- set location = table.config.meta.get('external_location') or table.meta.get('external_location') -%}
    {%- set location = location | replace('{name}', table.name) -%}
    {%- set pattern = location.split("'")[1] -%}
    {%- set files = run_query("select count(*) from glob('" ~ pattern ~ "')").columns[0].values()[0] -%}
    {%- if files == 0 -%}
        {{ exceptions.raise_compiler_error(
            "Nothing is landed for " ~ source ~ "." ~ table.name ~ ": no file fits " ~ pattern ~ ". "
            ~ "Run `trasos land --source " ~ source ~ "` first (the inbox is where the shop drops its files)."
        ) }}
    {%- endif -%}
    {%- set found = {} -%}
    {%- for row in run_query("describe select * from " ~ location).rows -%}
        {%- do found.update({row[0] | lower: row[1] | upper}) -%}
    {%- endfor -%}
    {%- for column in table.columns.values() -%}
        {%- set wanted = column.data_type | upper -%}
        {%- set actual = found.get(column.name | lower) -%}
        {%- if actual is none -%}
            {{ exceptions.raise_compiler_error(
                source ~ "." ~ table.name ~ " lacks the column " ~ column.name ~ " (" ~ wanted ~ "): looked in " ~ pattern
                ~ ", found " ~ (found.keys() | join(', ')) ~ ". Have the shop deliver it and land again, or, where it is "
                ~ "really gone, change models/staging/" ~ source ~ "/."
            ) }}
        {%- elif type_family(actual) != type_family(wanted) -%}
            {{ exceptions.raise_compiler_error(
                source ~ "." ~ table.name ~ "." ~ column.name ~ " is " ~ actual ~ ", wanted " ~ wanted ~ ": looked in " ~ pattern
                ~ ". One file of another type turns the whole column; have the shop deliver it as " ~ wanted ~ " and land again."
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{#- The incremental tables of one shop must not be continued with another's rows. -#}
{% macro assert_same_shop() %}
    {%- set judged = adapter.get_relation(target.database, target.schema, 'int_events_judged') -%}
    {%- if judged is not none and not flags.FULL_REFRESH -%}
        {%- set found = run_query("select distinct source from " ~ judged ~ " order by source").columns[0].values() -%}
        {%- for source in found if source not in var('event_sources') -%}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ target.path ~ " holds events of '" ~ source ~ "', which the var event_sources does not name ("
                ~ (var('event_sources') | join(', ')) ~ "). Build with --full-refresh to make it anew for this shop, or set "
                ~ "TRASOS_HOME to another folder for it."
            ) }}
        {%- endfor -%}
        {%- for source in var('event_sources') if found and source not in found -%}
            {{ exceptions.raise_compiler_error(
                "The var event_sources names '" ~ source ~ "' for the first time, and the warehouse " ~ target.path ~ " has moved "
                ~ "on without it: what was landed of it before would be passed over. Build once with --full-refresh."
            ) }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
