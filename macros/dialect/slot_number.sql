{#- The number of the slot that a moment lies in, counted from 1970-01-01; a slot is as long as the
    timeout of sessions. Two events of one visitor in one slot are never further apart than that,
    so they belong to one session. Before 1970, which no clock of an event says, both engines cut off
    towards zero: slot 0 is there twice as long. -#}
{% macro slot_number(moment) %}{{ return(adapter.dispatch('slot_number')(moment)) }}{% endmacro %}
{% macro default__slot_number(moment) %}(epoch_us({{ moment }}) // {{ slot_us() }}){% endmacro %}
{% macro spark__slot_number(moment) %}(unix_micros(cast({{ moment }} as timestamp)) div {{ slot_us() }}){% endmacro %}
