with

raw_rows as (

    select source, cast(loaded_at as date) as load_date, count(*) as raw_count
    from {{ ref('int_events_unioned') }}
    group by source, cast(loaded_at as date)

),

dead_letters as (

    select source, cast(loaded_at as date) as load_date, count(*) as dead_letter_count
    from {{ ref('int_dead_letters_unioned') }}
    group by source, cast(loaded_at as date)

),

judged as (

    select
        source,
        cast(loaded_at as date) as load_date,
        cast(sum(case when verdict = 'accepted' then 1 else 0 end) as bigint) as accepted_count,
        cast(sum(case when verdict = 'duplicated' then 1 else 0 end) as bigint) as duplicated_count,
        cast(sum(case when verdict = 'rejected' then 1 else 0 end) as bigint) as rejected_count
    from {{ ref('int_events_judged') }}
    group by source, cast(loaded_at as date)

),

days as (

    select source, load_date from raw_rows
    union
    select source, load_date from dead_letters
    union
    select source, load_date from judged

),

final as (

    select
        days.source,
        days.load_date,
        coalesce(raw_rows.raw_count, 0) + coalesce(dead_letters.dead_letter_count, 0) as line_count,
        coalesce(dead_letters.dead_letter_count, 0) as dead_letter_count,
        coalesce(raw_rows.raw_count, 0) as raw_count,
        coalesce(judged.accepted_count, 0) as accepted_count,
        coalesce(judged.duplicated_count, 0) as duplicated_count,
        coalesce(judged.rejected_count, 0) as rejected_count
    from days
    left join raw_rows on days.source = raw_rows.source and days.load_date = raw_rows.load_date
    left join dead_letters on days.source = dead_letters.source and days.load_date = dead_letters.load_date
    left join judged on days.source = judged.source and days.load_date = judged.load_date

)

select * from final
