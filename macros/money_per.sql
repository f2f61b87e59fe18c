{#- An amount of money for each of a count, to the cent, halves away from zero. A quotient of doubles that lies on
    half a cent is cast to either side, engine by engine; whole cents are divided so that a half is exact.

    amount: a number, taken to whole cents before it is divided
    count: a number; where it is 0 the answer is null -#}
{% macro money_per(amount, count) -%}
    cast(
        round(round(cast({{ amount }} as double) * 100) / nullif(cast({{ count }} as double), 0)) / 100
        as decimal(18, 2)
    )
{%- endmacro %}
