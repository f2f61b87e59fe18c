with

answers as (

    select
        {{ month_start('answered_date') }} as month,
        answer_group
    from {{ ref('fct_nps_answers') }}

),

counted as (

    select
        month,
        cast(sum(case when answer_group = 'unreadable' then 0 else 1 end) as bigint) as answer_count,
        cast(sum(case when answer_group = 'promoter' then 1 else 0 end) as bigint) as promoter_count,
        cast(sum(case when answer_group = 'passive' then 1 else 0 end) as bigint) as passive_count,
        cast(sum(case when answer_group = 'detractor' then 1 else 0 end) as bigint) as detractor_count,
        cast(sum(case when answer_group = 'unreadable' then 1 else 0 end) as bigint) as unreadable_count
    from answers
    group by month

),

scored as (

    select
        *,
        cast(promoter_count - detractor_count as double) / nullif(answer_count, 0) as score,
        (promoter_count + 0.75e0) / nullif(answer_count + 3, 0) as promoter_share,
        (detractor_count + 0.75e0) / nullif(answer_count + 3, 0) as detractor_share
    from counted

),

-- An answer counts 1, 0 or -1. The interval is the normal one of their mean after three answers more, which
-- keeps it honest where few answered or all say the same: Rocks 2016, The American Statistician 70(4).
bounded as (

    select
        *,
        promoter_share - detractor_share as centre,
        1.96e0 * sqrt(
            (promoter_share + detractor_share - (promoter_share - detractor_share) * (promoter_share - detractor_share))
            / nullif(answer_count + 3, 0)
        ) as half_width
    from scored

),

-- A single answer may lie beyond its own interval, which then reaches up to it.
final as (

    select
        month,
        answer_count,
        promoter_count,
        passive_count,
        detractor_count,
        unreadable_count,
        100 * score as nps,
        case when answer_count > 0 then 100 * greatest(least(centre - half_width, score), -1e0) end as nps_low,
        case when answer_count > 0 then 100 * least(greatest(centre + half_width, score), 1e0) end as nps_high
    from bounded

)

select * from final
