{{ config(enabled=target.type == 'duckdb') }}
{%- set week_us = '604800000000' %}
with

-- One row, whatever is missing: the status says what.
asked as (

    select
        '{{ var("recommender_experiment") }}' as experiment_id,
        '{{ var("recommender_variation") }}' as variation_id

),

experiments as (

    select * from {{ ref('dim_experiments') }}

),

reporting as (

    select max(currency) as currency from {{ ref('int_reporting_currency') }}

),

-- While the experiment runs only the always valid interval may be looked at.
read_outs as (

    select
        experiment_id,
        variation_id,
        metric,
        status,
        case when status in ('read', 'running') then difference end as difference,
        case status when 'read' then diff_low when 'running' then sequential_low end as low,
        case status when 'read' then diff_high when 'running' then sequential_high end as high
    from {{ ref('rpt_experiment_readouts') }}

),

effects as (

    select
        experiment_id,
        variation_id,
        max(case when metric = 'gross_margin' then status end) as status,
        max(case when metric = 'order_count' then difference end) as orders,
        max(case when metric = 'order_count' then low end) as orders_low,
        max(case when metric = 'order_count' then high end) as orders_high,
        max(case when metric = 'net_revenue' then difference end) as revenue,
        max(case when metric = 'net_revenue' then low end) as revenue_low,
        max(case when metric = 'net_revenue' then high end) as revenue_high,
        max(case when metric = 'gross_margin' then difference end) as margin,
        max(case when metric = 'gross_margin' then low end) as margin_low,
        max(case when metric = 'gross_margin' then high end) as margin_high
    from read_outs
    group by experiment_id, variation_id

),

-- Everybody who was exposed, those left out of the read-out too: they are served as well.
exposed as (

    select
        persons.experiment_id,
        count(*) as exposed_persons,
        min(persons.first_exposed_at) as first_exposed_at,
        min(case when experiments.ends_at < persons.as_of then experiments.ends_at else persons.as_of end) as last_at
    from {{ ref('fct_experiment_persons') }} as persons
    inner join experiments on persons.experiment_id = experiments.experiment_id
    group by persons.experiment_id

),

scaled as (

    select
        experiment_id,
        exposed_persons,
        first_exposed_at,
        ({{ epoch_us('last_at') }} - {{ epoch_us('first_exposed_at') }}) / 86400000000e0 as measured_days,
        least({{ whole_quotient(
            epoch_us('last_at') ~ ' - ' ~ epoch_us('first_exposed_at'), week_us
        ) }}, 52) as whole_weeks
    from exposed

),

entries as (

    select
        persons.experiment_id,
        persons.person_id,
        scaled.whole_weeks,
        {{ whole_quotient(
            epoch_us('persons.first_exposed_at') ~ ' - ' ~ epoch_us('scaled.first_exposed_at'), week_us
        ) }} as week_number
    from {{ ref('fct_experiment_persons') }} as persons
    inner join scaled on persons.experiment_id = scaled.experiment_id

),

-- Known visitors enter first, so that later weeks bring fewer: a year goes on as the last three weeks went.
entered as (

    select
        experiment_id,
        count(*) as entered_persons,
        count(case when week_number >= whole_weeks - 3 then person_id end) / 3e0 as weekly_persons
    from entries
    where week_number < whole_weeks
    group by experiment_id

),

rates as (

    select
        costs.month,
        costs.item,
        costs.cost_kind,
        {{ last_by('rates.rate', 'rates.valid_from', 'rates.rate') }} as rate
    from {{ ref('recommender_costs') }} as costs
    inner join {{ ref('exchange_rates') }} as rates
        on costs.currency = rates.currency and costs.month >= rates.valid_from
    group by costs.month, costs.item, costs.cost_kind

),

costs as (

    select
        costs.month,
        costs.item,
        costs.cost_kind,
        case when costs.currency = reporting.currency then costs.amount else costs.amount * rates.rate end as amount
    from {{ ref('recommender_costs') }} as costs
    cross join reporting
    left join rates
        on costs.month = rates.month and costs.item = rates.item and costs.cost_kind = rates.cost_kind

),

-- Months without a row of running costs are not told yet: they lower no mean.
cost as (

    select
        count(*) as cost_rows,
        count(case when amount is null then item end) as rows_without_rate,
        count(case when item like 'example:%' then item end) as example_rows,
        cast(coalesce(sum(case when cost_kind = 'build' then amount end), 0) as double) as build_cost,
        coalesce(
            cast(sum(case when cost_kind = 'run' then amount end) as double)
            / nullif(count(distinct case when cost_kind = 'run' then month end), 0),
            0
        ) as monthly_cost
    from costs

),

-- A year: the persons of the whole weeks measured and of those still to come, were all the shop's taken in;
-- each is worth one window. Under four weeks nothing tells the first from those after: each day is as the mean one.
joined as (

    select
        asked.experiment_id,
        asked.variation_id,
        experiments.outcome_window_days,
        scaled.first_exposed_at,
        scaled.measured_days,
        coalesce(scaled.exposed_persons, 0) as exposed_persons,
        case
            when scaled.whole_weeks >= 4
                then entered.entered_persons + (365e0 / 7 - scaled.whole_weeks) * entered.weekly_persons
            else scaled.exposed_persons * 365 / nullif(scaled.measured_days, 0)
        end * 10000 / nullif(experiments.traffic, 0) as yearly_persons,
        effects.orders,
        effects.orders_low,
        effects.orders_high,
        effects.revenue,
        effects.revenue_low,
        effects.revenue_high,
        effects.margin,
        effects.margin_low,
        effects.margin_high,
        reporting.currency,
        case when cost.cost_rows > 0 and cost.rows_without_rate = 0 then cost.build_cost end as build_cost,
        case when cost.cost_rows > 0 and cost.rows_without_rate = 0 then cost.monthly_cost end as monthly_cost,
        case
            when experiments.experiment_id is null then 'no_experiment'
            when scaled.experiment_id is null then 'no_exposures'
            when effects.status is null then 'margin_not_read'
            when effects.status not in ('read', 'running') then effects.status
            when cost.cost_rows = 0 then 'no_costs'
            when cost.rows_without_rate > 0 then 'costs_without_rate'
            when cost.example_rows > 0 then 'example_costs'
            else effects.status
        end as status
    from asked
    cross join reporting
    cross join cost
    left join experiments on asked.experiment_id = experiments.experiment_id
    left join scaled on asked.experiment_id = scaled.experiment_id
    left join entered on asked.experiment_id = entered.experiment_id
    left join effects
        on asked.experiment_id = effects.experiment_id and asked.variation_id = effects.variation_id

),

returned as (

    select
        *,
        build_cost + monthly_cost * 12 as first_year_cost,
        margin * yearly_persons - monthly_cost * 12 as yearly_return,
        margin_low * yearly_persons - monthly_cost * 12 as yearly_return_low,
        margin_high * yearly_persons - monthly_cost * 12 as yearly_return_high
    from joined

),

final as (

    select
        experiment_id,
        variation_id,
        status,
        case
            when yearly_return_low > 0 then 'pays'
            when yearly_return_high < 0 then 'loses'
            when yearly_return_low is not null then 'open'
        end as verdict,
        first_exposed_at,
        measured_days,
        outcome_window_days,
        exposed_persons,
        orders * exposed_persons as incremental_orders,
        orders_low * exposed_persons as incremental_orders_low,
        orders_high * exposed_persons as incremental_orders_high,
        currency,
        cast(revenue * exposed_persons as decimal(18, 2)) as incremental_revenue,
        cast(revenue_low * exposed_persons as decimal(18, 2)) as incremental_revenue_low,
        cast(revenue_high * exposed_persons as decimal(18, 2)) as incremental_revenue_high,
        cast(margin * exposed_persons as decimal(18, 2)) as incremental_margin,
        cast(margin_low * exposed_persons as decimal(18, 2)) as incremental_margin_low,
        cast(margin_high * exposed_persons as decimal(18, 2)) as incremental_margin_high,
        yearly_persons,
        orders * yearly_persons as yearly_orders,
        orders_low * yearly_persons as yearly_orders_low,
        orders_high * yearly_persons as yearly_orders_high,
        cast(revenue * yearly_persons as decimal(18, 2)) as yearly_revenue,
        cast(revenue_low * yearly_persons as decimal(18, 2)) as yearly_revenue_low,
        cast(revenue_high * yearly_persons as decimal(18, 2)) as yearly_revenue_high,
        cast(margin * yearly_persons as decimal(18, 2)) as yearly_margin,
        cast(margin_low * yearly_persons as decimal(18, 2)) as yearly_margin_low,
        cast(margin_high * yearly_persons as decimal(18, 2)) as yearly_margin_high,
        cast(build_cost as decimal(18, 2)) as build_cost,
        cast(monthly_cost * 12 as decimal(18, 2)) as yearly_cost,
        cast(yearly_return as decimal(18, 2)) as yearly_return,
        cast(yearly_return_low as decimal(18, 2)) as yearly_return_low,
        cast(yearly_return_high as decimal(18, 2)) as yearly_return_high,
        (yearly_return - build_cost) / nullif(first_year_cost, 0) as first_year_return_rate,
        (yearly_return_low - build_cost) / nullif(first_year_cost, 0) as first_year_return_rate_low,
        (yearly_return_high - build_cost) / nullif(first_year_cost, 0) as first_year_return_rate_high,
        case when yearly_return > 0 then build_cost / nullif(yearly_return, 0) * 12 end as payback_months,
        case when yearly_return_high > 0 then build_cost / nullif(yearly_return_high, 0) * 12
        end as payback_months_best,
        case when yearly_return_low > 0 then build_cost / nullif(yearly_return_low, 0) * 12
        end as payback_months_worst
    from returned

)

select * from final
