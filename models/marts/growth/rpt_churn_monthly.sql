{%- set churn_days = var('churn_days') %}
with

activity as (

    select
        'persons' as population,
        person_id,
        activity_date
    from {{ ref('fct_person_days') }}
    union all
    select
        'customers' as population,
        days.person_id,
        days.activity_date
    from {{ ref('fct_person_days') }} as days
    inner join {{ ref('dim_customers') }} as customers
        on days.person_id = customers.person_id and days.activity_date >= customers.acquisition_date

),

neighbours as (

    select
        *,
        lag(activity_date) over (partition by population, person_id order by activity_date) as previous_date,
        lead(activity_date) over (partition by population, person_id order by activity_date) as next_date
    from activity

),

-- Who is new or comes back counts from that day; who stays away, from the first day after so many without.
changes as (

    select
        population,
        activity_date as change_date,
        case when previous_date is null then 1 else 0 end as new_count,
        case when previous_date is null then 0 else 1 end as returned_count,
        0 as churned_count
    from neighbours
    where
        previous_date is null
        or {{ day_number('activity_date') }} - {{ day_number('previous_date') }} > {{ churn_days }}
    union all
    select
        population,
        {{ add_days('activity_date', churn_days + 1) }} as change_date,
        0 as new_count,
        0 as returned_count,
        1 as churned_count
    from neighbours
    where
        next_date is null
        or {{ day_number('next_date') }} - {{ day_number('activity_date') }} > {{ churn_days }}

),

months as (

    select
        month_start_date as month,
        max(case when is_in_whole_month then 1 else 0 end) = 1 as is_whole_month
    from {{ ref('dim_dates') }}
    group by month_start_date

),

bounds as (

    select min(date_day) as first_date from {{ ref('dim_dates') }}

),

populations as (

    select 'persons' as population
    union all
    select 'customers' as population

),

-- What lies after the newest day has not happened yet.
summed as (

    select
        changes.population,
        dates.month_start_date as month,
        cast(sum(changes.new_count) as bigint) as new_count,
        cast(sum(changes.returned_count) as bigint) as returned_count,
        cast(sum(changes.churned_count) as bigint) as churned_count
    from changes
    inner join {{ ref('dim_dates') }} as dates on changes.change_date = dates.date_day
    group by changes.population, dates.month_start_date

),

filled as (

    select
        populations.population,
        months.month,
        months.is_whole_month,
        coalesce(summed.new_count, 0) as new_count,
        coalesce(summed.returned_count, 0) as returned_count,
        coalesce(summed.churned_count, 0) as churned_count
    from months
    cross join populations
    left join summed on populations.population = summed.population and months.month = summed.month

),

ended as (

    select
        *,
        cast(sum(new_count + returned_count - churned_count) over (
            partition by population order by month
            rows between unbounded preceding and current row
        ) as bigint) as active_at_end_count
    from filled

),

final as (

    select
        ended.population,
        ended.month,
        ended.is_whole_month,
        ended.active_at_end_count - ended.new_count - ended.returned_count + ended.churned_count
            as active_at_start_count,
        ended.new_count,
        ended.returned_count,
        ended.churned_count,
        ended.active_at_end_count,
        -- Nobody can have churned before the log is as old as churn takes.
        case
            when {{ day_number('ended.month') }} - {{ day_number('bounds.first_date') }} > {{ churn_days }}
                then cast(ended.churned_count as double) / nullif(
                    ended.active_at_end_count - ended.new_count - ended.returned_count + ended.churned_count, 0
                )
        end as churn_rate
    from ended
    cross join bounds

)

select * from final
