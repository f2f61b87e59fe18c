{#- Pre-hook of int_event_copies: takes out the copies of ids of which a row is computed again, since
    none need be left. The model then finds those that there are.

    relation: int_event_copies itself -#}
{% macro forget_rebuilt_copies(relation) %}
    {%- if is_incremental() -%}
        {{ forget(relation, 'event_key in (select event_key from ' ~ ref('int_rebuilt_rows') ~ ')') }}
    {%- endif -%}
{% endmacro %}
