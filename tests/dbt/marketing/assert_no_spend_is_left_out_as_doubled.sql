{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_spend_judged'}}}) }}

-- Money that was told of twice is counted once, and that is right where an export corrects an earlier one or a row was
-- pasted twice. Where it is not, a campaign looks cheaper than it was: somebody should look, so this warns.
select
    origin,
    origin_name,
    first_date,
    last_date,
    channel,
    campaign,
    ad_id,
    amount,
    currency
from {{ ref('int_spend_judged') }}
where reason = 'doubled_campaign_day' and amount > 0
