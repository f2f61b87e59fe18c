with

spent as (

    select
        channel,
        campaign,
        spend_date,
        lead(spend_date) over (partition by channel, campaign order by spend_date asc nulls last) as next_spend_date
    from {{ ref('fct_spend') }}
    where amount > 0

),

final as (

    select
        channel,
        campaign,
        {{ add_days('spend_date', 1) }} as gap_start_date,
        {{ add_days('next_spend_date', -1) }} as gap_end_date,
        {{ day_number('next_spend_date') }} - {{ day_number('spend_date') }} - 1 as gap_days
    from spent
    where {{ day_number('next_spend_date') }} - {{ day_number('spend_date') }} > 1

)

select * from final
