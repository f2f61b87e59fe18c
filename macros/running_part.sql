{#- The part of a whole number that falls to one of several equal places, in whole units: running sums rounded
    down and differenced, so that all parts add up to the whole and none is off by more than one.

    total: a whole number, zero or more
    place: which place, from 1
    places: how many there are -#}
{% macro running_part(total, place, places) -%}
    {{ whole_quotient(total ~ ' * ' ~ place, places) }} - {{ whole_quotient(total ~ ' * (' ~ place ~ ' - 1)', places) }}
{%- endmacro %}
