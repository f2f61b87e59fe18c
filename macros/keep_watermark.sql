{#- Post-hook of the models that follow the raw rows: notes how far they have come, in the
    transaction that brings them there. Where transactions are missing, a kill between the two
    leaves the note behind the table: the next run does some work twice, and nothing is lost.

    relation: the model's table -#}
{% macro keep_watermark(relation) %}
    insert into {{ ref('int_watermarks') }}
    select
        '{{ relation.identifier }}' as model,
        horizon.loaded_at,
        {{ timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) }} as recorded_at
    from (select max(loaded_at) as loaded_at from {{ ref('int_events_validated') }}) as horizon
    where
        horizon.loaded_at is not null
        and horizon.loaded_at is distinct from (
            select {{ last_by('loaded_at', 'recorded_at') }} from {{ ref('int_watermarks') }}
            where model = '{{ relation.identifier }}'
        )
{% endmacro %}
