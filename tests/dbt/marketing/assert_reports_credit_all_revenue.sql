{{ config(meta={'dagster': {'ref': {'name': 'rpt_attribution'}}}) }}

-- What reports credit in all is what orders are worth in all: by month, and from acquisition on.
with worth as (

    select
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as gross_margin
    from {{ ref('fct_order_values') }}

),

credited as (

    select 'month, ' || model as report, sum(net_revenue) as net_revenue, sum(gross_margin) as gross_margin
    from {{ ref('rpt_attribution') }}
    group by model
    union all
    select 'campaign' as report, sum(net_revenue) as net_revenue, sum(gross_margin) as gross_margin
    from {{ ref('rpt_campaign_efficiency') }}
    union all
    select 'channel' as report, sum(net_revenue) as net_revenue, sum(gross_margin) as gross_margin
    from {{ ref('rpt_channel_efficiency') }}
    union all
    select
        'cohort' as report,
        sum(net_revenue_to_date) as net_revenue,
        sum(gross_margin_to_date) as gross_margin
    from {{ ref('rpt_cohort_efficiency') }}

)

select credited.*
from credited
cross join worth
where
    coalesce(credited.net_revenue, 0) <> worth.net_revenue
    or coalesce(credited.gross_margin, 0) <> worth.gross_margin
