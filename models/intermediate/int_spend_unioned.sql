{{ config(materialized='view') }}
{%- set day = "cast(" ~ parse_day_or_moment('spend_date') ~ " as date)" %}
{%- set last_day = "cast(" ~ parse_day_or_moment('last_date') ~ " as date)" %}

with

tables as (

    {{ union_sources('spend', var('table_sources')) }}

),

final as (

    select
        'table' as origin,
        source as origin_name,
        cast(null as {{ timestamp_type() }}) as exported_at,
        spend_date as first_date,
        spend_date as last_date,
        channel,
        campaign,
        cast(null as {{ dbt.type_string() }}) as ad_id,
        amount,
        currency,
        impressions,
        clicks,
        cast(null as bigint) as platform_conversions,
        cast(null as {{ dbt.type_string() }}) as note,
        cast(null as {{ dbt.type_string() }}) as unreadable_field
    from tables

    union all

    select
        'seed' as origin,
        'spend.csv' as origin_name,
        cast(null as {{ timestamp_type() }}) as exported_at,
        {{ day }} as first_date,
        case when {{ is_blank('last_date') }} then {{ day }} else {{ last_day }} end as last_date,
        channel,
        campaign,
        cast(null as {{ dbt.type_string() }}) as ad_id,
        {{ decimal_number('amount', 2) }} as amount,
        currency,
        cast(null as bigint) as impressions,
        cast(null as bigint) as clicks,
        cast(null as bigint) as platform_conversions,
        note,
        case
            when not {{ is_blank('spend_date') }} and {{ day }} is null then 'spend_date'
            when not {{ is_blank('last_date') }} and {{ last_day }} is null then 'last_date'
            when not {{ is_blank('amount') }} and {{ decimal_number('amount', 2) }} is null then 'amount'
        end as unreadable_field
    from {{ ref('spend') }}
    {%- if var('ad_exports_table') %}

    union all

    select
        'export' as origin,
        export_name as origin_name,
        {{ parse_utc('exported_at') }} as exported_at,
        {{ day }} as first_date,
        case when {{ is_blank('last_date') }} then {{ day }} else {{ last_day }} end as last_date,
        channel,
        campaign,
        ad_id,
        {{ decimal_number('amount', 2) }} as amount,
        currency,
        cast({{ whole_number('impressions') }} as bigint) as impressions,
        cast({{ whole_number('clicks') }} as bigint) as clicks,
        cast({{ whole_number('conversions') }} as bigint) as platform_conversions,
        cast(null as {{ dbt.type_string() }}) as note,
        case
            when not {{ is_blank('spend_date') }} and {{ day }} is null then 'spend_date'
            when not {{ is_blank('last_date') }} and {{ last_day }} is null then 'last_date'
            when not {{ is_blank('amount') }} and {{ decimal_number('amount', 2) }} is null then 'amount'
            when not {{ is_blank('impressions') }} and {{ whole_number('impressions') }} is null then 'impressions'
            when not {{ is_blank('clicks') }} and {{ whole_number('clicks') }} is null then 'clicks'
            when not {{ is_blank('conversions') }} and {{ whole_number('conversions') }} is null then 'conversions'
        end as unreadable_field
    from {{ source('ads', 'ad_exports') }}
    {%- endif %}

)

select * from final
