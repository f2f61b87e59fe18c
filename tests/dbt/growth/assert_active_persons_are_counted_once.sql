{{ config(meta={'dagster': {'ref': {'name': 'rpt_active_daily'}}}) }}

-- On the newest day, the persons of the last 28 days counted one by one are those that spans add up to.
with

newest as (

    select max(date_day) as date_day from {{ ref('dim_dates') }}

),

counted as (

    select count(distinct days.person_id) as person_count
    from {{ ref('fct_person_days') }} as days
    cross join newest
    where
        days.session_count > 0
        and {{ day_number('newest.date_day') }} - {{ day_number('days.activity_date') }} between 0 and 27

)

select
    active.monthly_active_count,
    counted.person_count
from {{ ref('rpt_active_daily') }} as active
inner join newest on active.date_day = newest.date_day
cross join counted
where active.monthly_active_count <> counted.person_count
