{%- set texts = ['origin', 'origin_name', 'channel', 'campaign', 'ad_id', 'currency', 'note', 'unreadable_field'] %}
{#- Chains of up to twice as many rows of one advertisement, each overlapping the next, are settled. -#}
{%- set rounds = 4 %}
{%- set others = ['first_date', 'last_date', 'amount', 'impressions', 'clicks', 'platform_conversions'] %}

with

unioned as (

    select * from {{ ref('int_spend_unioned') }}

),

reporting as (

    select * from {{ ref('int_reporting_currency') }}

),

rates as (

    select * from {{ ref('exchange_rates') }}

),

-- One way of writing each name.
named as (

    select
        origin,
        origin_name,
        exported_at,
        first_date,
        last_date,
        case when not {{ is_blank('channel') }} then lower(trim(channel)) end as channel,
        case when {{ is_blank('campaign') }} then 'none' else lower(trim(campaign)) end as campaign,
        coalesce(trim(ad_id), '') as ad_id,
        amount,
        case when not {{ is_blank('currency') }} then trim(currency) end as currency,
        impressions,
        clicks,
        platform_conversions,
        case when not {{ is_blank('note') }} then trim(note) end as note,
        unreadable_field,
        -- Which of several that tell of one campaign and day is believed.
        case origin when 'seed' then 1 when 'table' then 2 else 3 end as origin_rank
    from unioned

),

-- Rows have no keys of their own: their content is one, and copies are counted.
described as (

    select
        *,
        coalesce(cast({{ epoch_us('exported_at') }} as {{ dbt.type_string() }}), '')
        {%- for column in texts %}
        || '|' || coalesce({{ column }}, '')
        {%- endfor %}
        {%- for column in others %}
        || '|' || coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
        {%- endfor %} as content
    from named

),

identified as (

    select
        *,
        md5(
            content || '|'
            || cast(
                row_number() over (partition by content order by content asc nulls last) as {{ dbt.type_string() }}
            )
        ) as spend_id
    from described

),

rated as (

    select
        identified.spend_id,
        {{ last_by('rates.rate', 'rates.valid_from', 'rates.rate') }} as rate
    from identified
    inner join rates on identified.currency = rates.currency and identified.first_date >= rates.valid_from
    group by identified.spend_id

),

validated as (

    select
        identified.*,
        reporting.currency as reporting_currency,
        case when identified.currency = reporting.currency then 1 else cast(rated.rate as decimal(18, 8)) end as rate,
        case
            when identified.unreadable_field is not null then 'unreadable_' || identified.unreadable_field
            when identified.first_date is null then 'no_date'
            when identified.last_date < identified.first_date then 'ends_before_it_begins'
            when {{ day_number('identified.last_date') }} - {{ day_number('identified.first_date') }} >= 366
                then 'longer_than_a_year'
            when identified.channel is null then 'no_channel'
            when identified.amount is null then 'no_amount'
            when identified.amount < 0 then 'negative_amount'
            when identified.currency is null then 'no_currency'
            when reporting.currency is null then 'no_reporting_currency'
            when identified.currency <> reporting.currency and rated.rate is null then 'no_exchange_rate'
        end as reject_reason
    from identified
    cross join reporting
    left join rated on identified.spend_id = rated.spend_id

),

-- Who may tell of an advertisement's day once. Shops have accounts of their own; of exports the one exported last
-- holds; what people wrote by hand is doubled only by a full copy of it.
sound as (

    select
        *,
        case origin when 'seed' then content when 'table' then coalesce(origin_name, '') else '' end as teller
    from validated
    where reject_reason is null

),

claimed as (

    {{ exploded_days(
        'sound',
        [
            'spend_id', 'origin_rank', 'teller', 'exported_at', 'first_date', 'channel', 'campaign', 'ad_id', 'amount',
        ],
        'first_date',
        'last_date',
    ) }}

),

ordered as (

    select
        spend_id,
        origin_rank,
        channel,
        campaign,
        date_day,
        md5(teller || '|' || ad_id) as told_id,
        row_number() over (
            partition by origin_rank, teller, channel, campaign, ad_id, date_day
            order by exported_at desc nulls last, first_date desc, amount desc, spend_id asc nulls last
        ) as place,
        'open' as state
    from claimed

),

-- A campaign's day is told by one origin, and there by one row of each teller. Only a row that stays pushes others
-- out: in each round those stay that nothing open stands before on any of their days, and what they tell of falls.
{%- for round in range(rounds) %}

{%- set claims = 'ordered' if loop.first else 'settled_' ~ round %}

seen_{{ loop.index }} as (

    select
        *,
        case
            when
                state = 'open'
                and origin_rank = min(case when state not in ('elsewhere', 'again') then origin_rank end)
                    over (partition by channel, campaign, date_day)
                and place = min(case when state not in ('elsewhere', 'again') then place end)
                    over (partition by channel, campaign, date_day, origin_rank, told_id)
                then 0
            else 1
        end as is_behind
    from {{ claims }}

),

kept_{{ loop.index }} as (

    select
        spend_id,
        origin_rank,
        channel,
        campaign,
        date_day,
        told_id,
        place,
        case
            when state = 'open' and max(is_behind) over (partition by spend_id) = 0 then 'kept'
            else state
        end as state
    from seen_{{ loop.index }}

),

met_{{ loop.index }} as (

    select
        *,
        origin_rank > min(case when state = 'kept' then origin_rank end)
            over (partition by channel, campaign, date_day)
            as is_elsewhere,
        max(case when state = 'kept' then 1 else 0 end)
            over (partition by channel, campaign, date_day, origin_rank, told_id)
            as is_again
    from kept_{{ loop.index }}

),

settled_{{ loop.index }} as (

    select
        spend_id,
        origin_rank,
        channel,
        campaign,
        date_day,
        told_id,
        place,
        case
            when state <> 'open' then state
            when max(case when is_elsewhere then 1 else 0 end) over (partition by spend_id) = 1 then 'elsewhere'
            when max(is_again) over (partition by spend_id) = 1 then 'again'
            else 'open'
        end as state
    from met_{{ loop.index }}

),
{%- endfor %}

-- What is open still hangs on a longer chain, and is left out with what it overlaps.
doubled as (

    select
        spend_id,
        max(case when state = 'elsewhere' then 1 else 0 end) as is_elsewhere,
        max(case when state in ('again', 'open') then 1 else 0 end) as is_again
    from settled_{{ rounds }}
    group by spend_id

),

final as (

    select
        validated.spend_id,
        validated.origin,
        validated.origin_name,
        validated.exported_at,
        validated.first_date,
        validated.last_date,
        validated.channel,
        validated.campaign,
        validated.ad_id,
        validated.amount,
        validated.currency,
        validated.reporting_currency,
        cast(validated.amount * validated.rate as decimal(18, 2)) as reported_amount,
        validated.impressions,
        validated.clicks,
        validated.platform_conversions,
        case
            when validated.reject_reason is not null then 'rejected'
            when doubled.is_elsewhere = 1 or doubled.is_again = 1 then 'duplicated'
            else 'accepted'
        end as verdict,
        case
            when validated.reject_reason is not null then validated.reject_reason
            when doubled.is_elsewhere = 1 then 'told_by_another_origin'
            when doubled.is_again = 1 then 'doubled_campaign_day'
        end as reason
    from validated
    left join doubled on validated.spend_id = doubled.spend_id

)

select * from final
