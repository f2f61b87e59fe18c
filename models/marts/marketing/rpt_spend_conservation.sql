with

judged as (

    select * from {{ ref('int_spend_judged') }}

),

final as (

    select
        origin,
        origin_name,
        coalesce(currency, 'unknown') as currency,
        verdict,
        coalesce(reason, 'none') as reason,
        count(*) as row_count,
        cast(sum(amount) as decimal(18, 2)) as amount
    from judged
    group by origin, origin_name, coalesce(currency, 'unknown'), verdict, coalesce(reason, 'none')

)

select * from final
