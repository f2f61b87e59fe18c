{{ config(meta={'dagster': {'ref': {'name': 'dim_merchandising_rules'}}}) }}

-- Each written version has one row; those that are refused, and only those, say why.
with counted as (

    select
        (select count(*) from {{ ref('int_merchandising_rules_unioned') }}) as written_count,
        count(*) as judged_count,
        count(case when (verdict = 'rejected') <> (reject_reason is not null) then 1 end) as unexplained_count
    from {{ ref('dim_merchandising_rules') }}

)

select * from counted
where written_count <> judged_count or unexplained_count > 0
