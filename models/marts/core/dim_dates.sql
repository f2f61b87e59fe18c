with

seen as (

    select cast(started_at as date) as seen_date from {{ ref('int_sessions') }}
    union all
    select cast(ordered_at as date) as seen_date from {{ ref('int_orders_unioned') }}

),

bounds as (

    select
        min(seen_date) as first_date,
        max(seen_date) as last_date
    from seen

),

days as (

    {{ exploded_days('bounds', ['first_date', 'last_date'], 'first_date', 'last_date') }}

),

named as (

    select
        *,
        {{ week_start('date_day') }} as week_start_date,
        {{ month_start('date_day') }} as month_start_date
    from days

),

final as (

    select
        date_day,
        week_start_date,
        month_start_date,
        -- A month or week that data do not fill is not to be compared with one that they do.
        week_start_date >= first_date
        and {{ add_days('week_start_date', 7) }} <= {{ add_days('last_date', 1) }} as is_in_whole_week,
        month_start_date >= first_date
        and {{ month_start(add_days('month_start_date', 31)) }} <= {{ add_days('last_date', 1) }} as is_in_whole_month
    from named

)

select * from final
