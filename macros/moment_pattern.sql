{#- The regular expression of the moments that are read, for both engines: without backslashes,
    since they do not agree on them in texts. -#}
{% macro moment_pattern() -%}
    [12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?
{%- endmacro %}
