with

rules as (

    select
        rule_number,
        channel,
        coalesce(utm_medium, '') as utm_medium_pattern,
        coalesce(utm_source, '') as utm_source_pattern,
        coalesce(referrer_host, '') as referrer_host_pattern
    from {{ ref('channel_rules') }}

),

-- Few origins stand behind many visits: rules are tried on the few.
origins as (

    select distinct
        lower(coalesce(utm_medium, '')) as utm_medium,
        lower(coalesce(utm_source, '')) as utm_source,
        {{ referrer_host('referrer') }} as referrer_host
    from {{ ref('int_sessions') }}

),

fitting as (

    select
        origins.utm_medium,
        origins.utm_source,
        origins.referrer_host,
        {{ first_by('rules.channel', 'rules.rule_number') }} as channel
    from origins
    inner join rules
        on
            origins.utm_medium like rules.utm_medium_pattern
            and origins.utm_source like rules.utm_source_pattern
            and origins.referrer_host like rules.referrer_host_pattern
    group by origins.utm_medium, origins.utm_source, origins.referrer_host

),

final as (

    select
        origins.utm_medium,
        origins.utm_source,
        origins.referrer_host,
        -- Rules that people edit may leave a gap.
        coalesce(fitting.channel, 'other') as channel
    from origins
    left join fitting
        on
            origins.utm_medium = fitting.utm_medium
            and origins.utm_source = fitting.utm_source
            and origins.referrer_host = fitting.referrer_host

)

select * from final
