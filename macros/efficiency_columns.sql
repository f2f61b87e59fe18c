{#- What spend brought, as ratios of columns of the relation (spend, clicks, session_count, credited_customers,
    net_revenue, gross_margin); NULL where there is nothing to divide by, and spend_status says why. -#}
{% macro efficiency_columns() -%}
    {{ money_per('spend', 'clicks') }} as cost_per_click,
    {{ money_per('spend', 'session_count') }} as cost_per_session,
    case when spend > 0 then {{ money_per('spend', 'credited_customers') }} end as cac,
    cast(net_revenue as double) / nullif(cast(spend as double), 0) as roas,
    (cast(gross_margin as double) - cast(spend as double)) / nullif(cast(spend as double), 0) as roi,
    case
        when spend is null and credited_orders = 0 then 'no spend, no orders'
        when spend is null then 'no spend'
        when spend = 0 then 'spend of zero'
        when credited_customers = 0 then 'no customers'
        else 'complete'
    end as spend_status
{%- endmacro %}
