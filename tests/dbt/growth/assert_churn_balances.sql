-- Who is active at the end of a month is active at the start of the next, and nobody is lost between.
with

followed as (

    select
        *,
        lag(active_at_end_count) over (partition by population order by month) as before_count
    from {{ ref('rpt_churn_monthly') }}

)

select *
from followed
where
    active_at_start_count <> coalesce(before_count, 0)
    or active_at_start_count + new_count + returned_count - churned_count <> active_at_end_count
