with

-- Landing's own count, made while it read the lines: what the files hold must agree with it.
landed as (

    select
        source,
        cast(loaded_at as date) as load_date,
        cast(sum(event_count + letter_count) as bigint) as line_count,
        cast(sum(retired_event_count) as bigint) as retired_count,
        cast(sum(retired_letter_count) as bigint) as retired_letter_count
    from {{ ref('int_manifests_unioned') }}
    group by source, cast(loaded_at as date)

),

raw_rows as (

    select source, cast(loaded_at as date) as load_date, count(*) as held_count
    from {{ ref('int_events_unioned') }}
    group by source, cast(loaded_at as date)

),

dead_letters as (

    select source, cast(loaded_at as date) as load_date, count(*) as held_letter_count
    from {{ ref('int_dead_letters_unioned') }}
    group by source, cast(loaded_at as date)

),

judged as (

    select
        source,
        cast(loaded_at as date) as load_date,
        count(*) as judged_count,
        cast(sum(case when verdict = 'accepted' then 1 else 0 end) as bigint) as accepted_count,
        cast(sum(case when verdict = 'duplicated' then 1 else 0 end) as bigint) as duplicated_count,
        cast(sum(case when verdict = 'rejected' then 1 else 0 end) as bigint) as rejected_count
    from {{ ref('int_events_judged') }}
    group by source, cast(loaded_at as date)

),

days as (

    select source, load_date from landed
    union
    select source, load_date from raw_rows
    union
    select source, load_date from dead_letters
    union
    select source, load_date from judged

),

counted as (

    select
        days.source,
        days.load_date,
        coalesce(landed.line_count, 0) as line_count,
        coalesce(dead_letters.held_letter_count, 0)
        + coalesce(landed.retired_letter_count, 0) as dead_letter_count,
        coalesce(raw_rows.held_count, 0) as held_count,
        coalesce(landed.retired_count, 0) as retired_count,
        coalesce(judged.judged_count, 0) as judged_count,
        coalesce(judged.accepted_count, 0) as accepted_count,
        coalesce(judged.duplicated_count, 0) as duplicated_count,
        coalesce(judged.rejected_count, 0) as rejected_count
    from days
    left join landed on days.source = landed.source and days.load_date = landed.load_date
    left join raw_rows on days.source = raw_rows.source and days.load_date = raw_rows.load_date
    left join dead_letters on days.source = dead_letters.source and days.load_date = dead_letters.load_date
    left join judged on days.source = judged.source and days.load_date = judged.load_date

),

final as (

    select
        source,
        load_date,
        line_count,
        dead_letter_count,
        held_count + retired_count as raw_count,
        accepted_count,
        duplicated_count,
        rejected_count,
        retired_count,
        -- A rebuild judges what landing still holds: all that was retired is then gone, or nothing.
        case when judged_count = held_count then retired_count else 0 end as forgotten_count
    from counted

)

select * from final
