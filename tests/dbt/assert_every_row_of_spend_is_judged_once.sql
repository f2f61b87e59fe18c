{{ config(meta={'dagster': {'ref': {'name': 'rpt_spend_conservation'}}}) }}

-- Rows and money that came in are those with a verdict; those that are not accepted, and only those, say why.
with counted as (

    select
        (select count(*) from {{ ref('int_spend_unioned') }}) as written_count,
        (select coalesce(sum(written.amount), 0) from {{ ref('int_spend_unioned') }} as written) as written_amount,
        cast(coalesce(sum(judged.row_count), 0) as bigint) as judged_count,
        coalesce(sum(judged.amount), 0) as judged_amount,
        count(case when (judged.verdict = 'accepted') <> (judged.reason = 'none') then 1 end) as unexplained_count
    from {{ ref('rpt_spend_conservation') }} as judged

)

select * from counted
where written_count <> judged_count or written_amount <> judged_amount or unexplained_count > 0
