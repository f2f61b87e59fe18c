{%- set named = var('reporting_currency') %}
{%- if named %}
select '{{ named }}' as currency
{%- else %}
with

counted as (

    select
        currency,
        count(*) as order_count
    from {{ ref('int_orders_unioned') }}
    where currency is not null
    group by currency

),

ranked as (

    select
        currency,
        row_number() over (order by order_count desc, currency asc) as place
    from counted

),

-- One row, also before the first order.
final as (

    select max(currency) as currency
    from ranked
    where place = 1

)

select * from final
{%- endif %}
