{{ config(materialized='view') }}

with

retired as (

    select * from {{ ref('int_sessions_retired') }}

),

-- The session that now holds the slot in which the old one began.
final as (

    select
        retired.session_id as superseded_session_id,
        held.session_id,
        retired.visitor_id,
        retired.retired_after
    from retired
    left join {{ ref('int_session_slots') }} as held
        on retired.visitor_id = held.visitor_id and {{ slot_number('retired.started_at') }} = held.slot
    left join {{ ref('int_sessions') }} as alive on retired.session_id = alive.session_id
    where alive.session_id is null

)

select * from final
