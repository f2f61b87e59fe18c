{{ config(meta={'dagster': {'ref': {'name': 'fct_spend_allocated'}}}) }}

-- To the cent, by channel: what was accepted, by day, by customer, and in each report.
with stages as (

    select 'accepted' as stage, channel, reported_amount as amount
    from {{ ref('int_spend_judged') }}
    where verdict = 'accepted'
    union all
    select 'by day' as stage, channel, amount from {{ ref('fct_spend') }}
    union all
    select 'by customer' as stage, channel, amount from {{ ref('fct_spend_allocated') }}
    union all
    select 'by campaign' as stage, channel, spend as amount from {{ ref('rpt_campaign_efficiency') }}
    where spend is not null
    union all
    select 'by channel' as stage, channel, spend as amount from {{ ref('rpt_channel_efficiency') }}
    where spend is not null
    union all
    select 'by cohort' as stage, channel, spend as amount from {{ ref('rpt_cohort_efficiency') }}
    where spend is not null

),

summed as (

    select
        stage,
        channel,
        sum(amount) as amount
    from stages
    group by stage, channel

)

select
    channel,
    min(amount) as least,
    max(amount) as most,
    count(*) as stage_count
from summed
group by channel
having min(amount) <> max(amount) or count(*) <> 6
