{#- The models of attribution. Markov alone wants a fit, and stands last. -#}
{% macro attribution_models() -%}
    {{ return(['first', 'last', 'last_non_direct', 'linear', 'position', 'time_decay', 'shapley', 'markov']) }}
{%- endmacro %}
