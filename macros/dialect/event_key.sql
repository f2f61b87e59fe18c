{#- A number for a text, equal for equal texts and hardly ever for others: duplicates are looked
    for among equal numbers, and compared in full. It need only be stable within one engine and
    version: assert_same_hash refuses a warehouse that was built with another. -#}
{% macro event_key(text) %}{{ return(adapter.dispatch('event_key')(text)) }}{% endmacro %}
{% macro default__event_key(text) %}cast(hash({{ text }}) >> 1 as bigint){% endmacro %}
{% macro spark__event_key(text) %}xxhash64({{ text }}){% endmacro %}
