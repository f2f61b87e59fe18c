{#- The host of a referring page, in lower case; nothing where the page is the shop's own (var own_hosts).

    url: column of the page's address -#}
{% macro referrer_host(url) %}
    {%- set host = "split_part(split_part(split_part(lower(coalesce(" ~ url ~ ", '')), '://', 2), '/', 1), ':', 1)" -%}
    case
        {%- for own in var('own_hosts') %}
        when {{ host }} = '{{ own | lower }}' or {{ host }} like '%.{{ own | lower }}' then ''
        {%- endfor %}
        else {{ host }}
    end
{%- endmacro %}
