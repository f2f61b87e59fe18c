{#- One statement that puts rows in the place of the touched days, for formats that know transactions (Delta,
    Iceberg): a mark for each day takes out what is there, and no mark fits what comes in.

    relation: the model's table
    rows: SQL for all rows of the touched days
    columns: their names
    days: the touched days, none where the table has no partitions -#}
{% macro merge_days(relation, rows, columns, days) %}
    merge into {{ relation }} as held
    using (
        select null as marked_day, {{ columns }} from ({{ rows }}) as next_rows
        union all
        select marked_day, {% for column in columns.split(', ') %}null as {{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from (values ('{{ (days or ['all']) | join("'), ('") }}')) as marks (marked_day)
    ) as changes
    on changes.marked_day {{ '= held.partition_period' if days else 'is not null' }}
    when matched then delete
    when not matched and changes.marked_day is null then insert ({{ columns }}) values (
        {%- for column in columns.split(', ') %}{{ 'changes.' ~ column }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{% endmacro %}
