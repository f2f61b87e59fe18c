with

accepted as (

    select
        spend_id,
        first_date,
        last_date,
        channel,
        campaign,
        reporting_currency as currency,
        cast(round(reported_amount * 100) as bigint) as cents,
        impressions,
        clicks,
        platform_conversions,
        cast({{ day_number('last_date') }} - {{ day_number('first_date') }} + 1 as bigint) as days
    from {{ ref('int_spend_judged') }}
    where verdict = 'accepted'

),

exploded as (

    {{ exploded_days(
        'accepted',
        ['channel', 'campaign', 'currency', 'first_date', 'days', 'cents', 'impressions', 'clicks', 'platform_conversions'],
        'first_date',
        'last_date',
    ) }}

),

placed as (

    select
        *,
        cast({{ day_number('date_day') }} - {{ day_number('first_date') }} + 1 as bigint) as place
    from exploded

),

-- What covers several days is shared out to them evenly, to the cent and to the click.
shared as (

    select
        date_day as spend_date,
        channel,
        campaign,
        currency,
        {{ running_part('cents', 'place', 'days') }} as cents,
        {{ running_part('impressions', 'place', 'days') }} as impressions,
        {{ running_part('clicks', 'place', 'days') }} as clicks,
        {{ running_part('platform_conversions', 'place', 'days') }} as platform_conversions
    from placed

),

final as (

    select
        spend_date,
        channel,
        campaign,
        currency,
        cast(cast(sum(cents) as bigint) * 0.01 as decimal(18, 2)) as amount,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(platform_conversions) as bigint) as platform_conversions
    from shared
    group by spend_date, channel, campaign, currency

)

select * from final
