{#- Months until each cohort's margin has covered what it cost to win its customers, as
    trasos.value.payback says it: the first age from which the margin stays at the cost or above.

    cohorts: relation like rpt_cohort_value (acquisition_month, acquisition_channel, month_age,
        is_in_whole_month, customer_count, cumulated_gross_margin); only whole months count: of a
        cohort whose first month data do not fill, it is known by the next month at the earliest.
    costs: relation of acquisition_month, acquisition_channel, cac (cost a customer; null where unknown),
        is_uncredited (money was spent, and no customer is credited to it).
    Gives acquisition_month, acquisition_channel, cac, payback_months, margin_cac_ratio, payback_status:
    paid, not_yet, free (a cost of 0), no_cost, no_credited_customers, no_whole_month. -#}
{% macro payback(cohorts, costs) %}
    select
        acquisition_month,
        acquisition_channel,
        cac,
        case
            when cac is null or last_age is null then null
            when cac = 0 then 0
            when coalesce(last_age_below, -1) < last_age then coalesce(last_age_below + 1, first_age) + 1
        end as payback_months,
        case when last_age is not null then last_margin / nullif(cac, 0) end as margin_cac_ratio,
        case
            when last_age is null then 'no_whole_month'
            when cac is null and is_uncredited then 'no_credited_customers'
            when cac is null then 'no_cost'
            when cac = 0 then 'free'
            when coalesce(last_age_below, -1) < last_age then 'paid'
            else 'not_yet'
        end as payback_status
    from (
        select
            acquisition_month,
            acquisition_channel,
            cac,
            is_uncredited,
            min(month_age) as first_age,
            max(month_age) as last_age,
            max(case when margin < cac then month_age end) as last_age_below,
            max(case when is_last then margin end) as last_margin
        from (
            select
                cohorts.acquisition_month,
                cohorts.acquisition_channel,
                cast(costs.cac as double) as cac,
                costs.is_uncredited,
                case when cohorts.is_in_whole_month then cohorts.month_age end as month_age,
                case
                    when cohorts.is_in_whole_month
                        then cast(cohorts.cumulated_gross_margin as double) / nullif(cohorts.customer_count, 0)
                end as margin,
                row_number() over (
                    partition by cohorts.acquisition_month, cohorts.acquisition_channel, cohorts.is_in_whole_month
                    order by cohorts.month_age desc nulls last
                ) = 1 as is_last
            from {{ cohorts }} as cohorts
            left join {{ costs }} as costs
                on
                    cohorts.acquisition_month = costs.acquisition_month
                    and cohorts.acquisition_channel = costs.acquisition_channel
        ) as aged
        group by acquisition_month, acquisition_channel, cac, is_uncredited
    ) as summed
{% endmacro %}
