{#- A row for each day from the first to the last (inclusive) of each row, as date_day.

    relation: where from; columns: what to keep of it; first, last: its columns of days.
    A row whose last day lies before its first gives none: Spark would count backwards. -#}
{% macro exploded_days(relation, columns, first, last) %}{{ return(adapter.dispatch('exploded_days')(relation, columns, first, last)) }}{% endmacro %}
{% macro default__exploded_days(relation, columns, first, last) %}
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date) as date_day
    from {{ relation }}
    where {{ first }} <= {{ last }}
{% endmacro %}
{% macro spark__exploded_days(relation, columns, first, last) %}
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        date_day
    from {{ relation }}
    lateral view explode(case when {{ first }} <= {{ last }} then sequence({{ first }}, {{ last }}) end) as date_day
{% endmacro %}
