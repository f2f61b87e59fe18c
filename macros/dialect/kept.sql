{#- What a model's table holds after forget(), for the model itself to read. -#}
{% macro kept(relation) %}{{ return(adapter.dispatch('kept')(relation)) }}{% endmacro %}
{% macro default__kept(relation) %}{{ return(relation) }}{% endmacro %}
{% macro spark__kept(relation) %}{{ return(relation.identifier ~ '__kept') }}{% endmacro %}
