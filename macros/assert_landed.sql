{#- on-run-start: stops a run before it does anything where what it would read is not there or
    not what its source declares, and says what to do. -#}
{% macro assert_landed() %}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] -%}
        {%- set is_writing = flags.WHICH != 'test' -%}
        {%- if target.type == 'spark' and is_writing -%}
            {%- do finish_overwrites() -%}
            {%- do drop_drafts() -%}
        {%- endif -%}
        {%- do assert_same_shop() -%}
        {%- do assert_same_keys() -%}
        {%- set reached = {} -%}
        {%- do collect_upstream(selected_resources, reached) -%}
        {%- set read = graph.sources.values() | selectattr('unique_id', 'in', reached) | list -%}
        {%- if target.type == 'spark' and is_writing -%}
            {%- do register_sources(read) -%}
        {%- endif -%}
        {%- for table in read -%}
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
    {%- set relation = location -%}
    {%- if target.type == 'spark' -%}
        {#- Spark itself says where it looked, should there be nothing. -#}
        {%- set relation = table.schema ~ '.' ~ table.identifier -%}
    {%- elif run_query("select count(*) from glob('" ~ pattern ~ "')").columns[0].values()[0] == 0 -%}
        {{ exceptions.raise_compiler_error(
            "Nothing is landed for " ~ source ~ "." ~ table.name ~ ": no file fits " ~ pattern ~ ". "
            ~ "Run `trasos land --source " ~ source ~ "` first (the inbox is where the shop drops its files)."
        ) }}
    {%- endif -%}
    {%- set found = {} -%}
    {%- for row in run_query("describe " ~ ('' if target.type == 'spark' else "select * from ") ~ relation).rows -%}
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
    {%- set taken_in = adapter.get_relation(target.database, target.schema, 'int_events_validated') -%}
    {%- if taken_in is not none and not flags.FULL_REFRESH -%}
        {%- set found = run_query("select distinct source from " ~ taken_in ~ " order by source").columns[0].values() -%}
        {%- for source in found if source not in var('event_sources') -%}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ this_warehouse() ~ " holds events of '" ~ source ~ "', which the var event_sources does not name ("
                ~ (var('event_sources') | join(', ')) ~ "). Build with --full-refresh to make it anew for this shop, or set "
                ~ "TRASOS_HOME to another folder for it."
            ) }}
        {%- endfor -%}
        {%- for source in var('event_sources') if found and source not in found -%}
            {{ exceptions.raise_compiler_error(
                "The var event_sources names '" ~ source ~ "' for the first time, and the warehouse " ~ this_warehouse() ~ " has moved "
                ~ "on without it: what was landed of it before would be passed over. Build once with --full-refresh."
            ) }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#- The numbers of event ids are made by the engine, and another version of it may make others. -#}
{% macro assert_same_keys() %}
    {%- set taken_in = adapter.get_relation(target.database, target.schema, 'int_events_validated') -%}
    {%- if taken_in is not none and not flags.FULL_REFRESH -%}
        {%- set differing = run_query(
            "select count(*) from (select event_id, event_key from " ~ taken_in ~ " limit 100) as some_rows"
            ~ " where event_id is not null and event_key <> " ~ event_key('event_id')
        ).columns[0].values()[0] -%}
        {%- if differing > 0 -%}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ this_warehouse() ~ " was built with another version of the engine, which numbers event ids in"
                ~ " another way: copies would no longer be found. Build once with --full-refresh."
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#- The warehouse, for people: a file on one machine, a schema on a cluster. -#}
{% macro this_warehouse() %}{{ return(target.get('path') or target.schema) }}{% endmacro %}
