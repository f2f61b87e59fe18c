with

windows as (

    select 1 as window_days
    union all
    select 7 as window_days
    union all
    select 28 as window_days

),

visits as (

    select
        person_id,
        activity_date,
        lead(activity_date) over (partition by person_id order by activity_date) as next_date
    from {{ ref('fct_person_days') }}
    where session_count > 0

),

-- A visit makes its person active until the window closes or the next visit takes over: the spans of a
-- person never overlap, so persons are counted by adding and not by comparing all days with all visits.
spans as (

    select
        windows.window_days,
        visits.activity_date as begin_date,
        least(
            {{ add_days('visits.activity_date', 'windows.window_days') }},
            coalesce(visits.next_date, {{ add_days('visits.activity_date', 'windows.window_days') }})
        ) as end_date
    from visits
    cross join windows

),

changes as (

    select
        window_days,
        begin_date as change_date,
        1 as change_count
    from spans
    union all
    select
        window_days,
        end_date as change_date,
        -1 as change_count
    from spans

),

summed as (

    select
        window_days,
        change_date,
        cast(sum(change_count) as bigint) as change_count
    from changes
    group by window_days, change_date

),

counted as (

    select
        dates.date_day,
        windows.window_days,
        cast(sum(coalesce(summed.change_count, 0)) over (
            partition by windows.window_days order by dates.date_day
            rows between unbounded preceding and current row
        ) as bigint) as person_count
    from {{ ref('dim_dates') }} as dates
    cross join windows
    left join summed on windows.window_days = summed.window_days and dates.date_day = summed.change_date

),

final as (

    select
        date_day,
        max(case when window_days = 1 then person_count end) as daily_active_count,
        max(case when window_days = 7 then person_count end) as weekly_active_count,
        max(case when window_days = 28 then person_count end) as monthly_active_count,
        cast(max(case when window_days = 1 then person_count end) as double)
        / nullif(max(case when window_days = 28 then person_count end), 0) as stickiness_rate,
        -- The first weeks of the data cannot look back over a whole window.
        {{ day_number('date_day') }} - min({{ day_number('min(date_day)') }}) over () >= 27 as has_whole_window
    from counted
    group by date_day

)

select * from final
