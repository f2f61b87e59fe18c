with

answers as (

    select
        event_id,
        session_id,
        event_at,
        {{ whole_number(json_text('properties', '$.score')) }} as score
    from {{ ref('int_events_sessionized') }}
    where event_type = 'nps_answered'

),

final as (

    select
        answers.event_id,
        answers.session_id,
        sessions.person_id,
        answers.event_at as answered_at,
        cast(answers.event_at as date) as answered_date,
        case when answers.score between 0 and 10 then answers.score end as nps_score,
        case
            when answers.score between 9 and 10 then 'promoter'
            when answers.score between 7 and 8 then 'passive'
            when answers.score between 0 and 6 then 'detractor'
            -- An answer that is no whole number from 0 to 10 is kept, and counted as such.
            else 'unreadable'
        end as answer_group
    from answers
    inner join {{ ref('fct_sessions') }} as sessions on answers.session_id = sessions.session_id

)

select * from final
