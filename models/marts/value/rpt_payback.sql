{{ config(enabled=target.type == 'duckdb') }}

with

cohorts as (

    select * from {{ ref('rpt_cohort_value') }}

),

costs as (

    select
        month_start_date as acquisition_month,
        channel as acquisition_channel,
        -- Reports have no cost a customer where nothing was spent; here a spend of 0 is a cost, one of 0.
        case when spend = 0 then 0 else cac end as cac,
        spend > 0 and coalesce(credited_customers, 0) = 0 as is_uncredited
    from {{ ref('rpt_channel_efficiency') }}

),

paybacks as (

    {{ payback('cohorts', 'costs') }}

),

final as (

    select
        valued.acquisition_month,
        valued.acquisition_channel,
        valued.customer_count,
        valued.currency,
        cast(paybacks.cac as decimal(18, 2)) as cac,
        {{ money_per('valued.gross_margin', 'valued.customer_count') }} as gross_margin_per_customer,
        valued.gross_margin_rate,
        valued.ltv_margin_per_customer,
        cast(valued.ltv_margin_per_customer as double) / nullif(paybacks.cac, 0) as ltv_cac_ratio,
        cast(paybacks.payback_months as integer) as payback_months,
        paybacks.margin_cac_ratio,
        paybacks.payback_status
    from {{ ref('rpt_channel_value') }} as valued
    inner join paybacks
        on
            valued.acquisition_month = paybacks.acquisition_month
            and valued.acquisition_channel = paybacks.acquisition_channel

)

select * from final
