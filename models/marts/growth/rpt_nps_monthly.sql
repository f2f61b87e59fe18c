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
        cast(promoter_count as double) / nullif(answer_count, 0) as promoter_share,
        cast(detractor_count as double) / nullif(answer_count, 0) as detractor_share
    from counted

),

-- An answer counts 1, 0 or -1; the interval is the normal one of their mean.
final as (

    select
        month,
        answer_count,
        promoter_count,
        passive_count,
        detractor_count,
        unreadable_count,
        100 * (promoter_share - detractor_share) as nps,
        100 * (promoter_share - detractor_share) - 196 * sqrt(
            (promoter_share + detractor_share - (promoter_share - detractor_share) * (promoter_share - detractor_share))
            / nullif(answer_count, 0)
        ) as nps_low,
        100 * (promoter_share - detractor_share) + 196 * sqrt(
            (promoter_share + detractor_share - (promoter_share - detractor_share) * (promoter_share - detractor_share))
            / nullif(answer_count, 0)
        ) as nps_high
    from scored

)

select * from final
