with

written as (

    select * from {{ ref('int_merchandising_rules_unioned') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

-- What a rule can be about, by the name that it is called by.
targets as (

    select 'product' as target_type, product_id as target_value from products
    union
    select 'brand' as target_type, brand as target_value from products
    where brand is not null
    union
    select 'category' as target_type, category as target_value from products
    where category is not null

),

departments as (

    select distinct department from products
    where department is not null

),

-- Now is when the newest visit ended, as for active persons: the same rows give the same lists.
newest as (

    select max({{ timestamp_literal(var('merchandising_at')) if var('merchandising_at') else 'ended_at' }}) as as_of
    from {{ ref('fct_sessions') }}

),

parsed as (

    select
        rule_id,
        origin,
        lower(action) as action,
        lower(target_type) as target_type,
        target_value,
        coalesce(lower(slot), 'all') as slot,
        case when lower(department) <> 'all' then department end as department,
        beside_product_id,
        {{ whole_number('position') }} as position,
        {{ decimal_number('factor', 4) }} as factor,
        {{ parse_day_or_moment('valid_from') }} as valid_from,
        {{ parse_day_or_moment('valid_to', is_end=true) }} as valid_to,
        created_by,
        reason,
        {{ parse_utc('recorded_at') }} as recorded_at,
        valid_from as valid_from_text,
        valid_to as valid_to_text,
        recorded_at as recorded_at_text
    from written

),

-- A version without a moment, as in a plain seed, is older than all that have one.
numbered as (

    select
        *,
        rank() over (partition by rule_id order by recorded_at desc nulls last) as version_rank,
        count(*) over (partition by rule_id, recorded_at) as version_count
    from parsed

),

validated as (

    select
        numbered.*,
        case
            when numbered.rule_id is null then 'no_rule_id'
            when numbered.recorded_at_text is not null and numbered.recorded_at is null then 'unreadable_recorded_at'
            when numbered.version_rank > 1 then null
            when numbered.version_count > 1 then 'two_versions_at_once'
            when numbered.action = 'withdraw' then null
            when coalesce(numbered.action, '') not in ('pin', 'ban', 'boost') then 'unknown_action'
            when numbered.target_type is null or numbered.target_value is null then 'no_target'
            when numbered.target_type not in ('product', 'brand', 'category') then 'unknown_target_type'
            when targets.target_value is null then 'unknown_' || numbered.target_type
            when numbered.slot not in ('for_you', 'similar', 'popular', 'session', 'all') then 'unknown_slot'
            when numbered.department is not null and departments.department is null then 'unknown_department'
            when numbered.beside_product_id is not null and numbered.slot <> 'similar' then 'beside_without_similar'
            when numbered.beside_product_id is not null and besides.product_id is null then 'unknown_beside_product'
            when numbered.valid_from_text is not null and numbered.valid_from is null then 'unreadable_valid_from'
            when numbered.valid_to_text is not null and numbered.valid_to is null then 'unreadable_valid_to'
            when numbered.valid_to <= numbered.valid_from then 'ends_before_it_begins'
            when numbered.action = 'pin' and numbered.target_type <> 'product' then 'pin_without_product'
            when numbered.action = 'pin' and numbered.target_value = numbered.beside_product_id then 'pin_beside_itself'
            when numbered.action = 'pin' and coalesce(numbered.position, 0) < 1 then 'position_out_of_list'
            when numbered.action = 'pin' and numbered.position > {{ var('list_length') }} then 'position_out_of_list'
            when numbered.action = 'boost' and coalesce(numbered.factor, 0) <= 0 then 'factor_out_of_range'
            when numbered.action = 'boost' and numbered.factor > {{ var('max_boost_factor') }}
                then 'factor_out_of_range'
        end as own_reason
    from numbered
    left join targets
        on numbered.target_type = targets.target_type and numbered.target_value = targets.target_value
    left join departments on numbered.department = departments.department
    left join products as besides on numbered.beside_product_id = besides.product_id

),

pins as (

    select
        rule_id,
        slot,
        department,
        beside_product_id,
        position,
        coalesce(recorded_at, {{ timestamp_literal('1970-01-01 00:00:00') }}) as recorded_at,
        coalesce(valid_from, {{ timestamp_literal('1970-01-01 00:00:00') }}) as valid_from,
        coalesce(valid_to, {{ timestamp_literal('9999-12-31 00:00:00') }}) as valid_to
    from validated
    where action = 'pin' and own_reason is null and version_rank = 1

),

-- Pins that an earlier one could meet at its place, in some list on some day.
too_late as (

    select distinct later.rule_id
    from pins as later
    inner join pins as earlier
        on
            later.position = earlier.position
            and (later.slot = earlier.slot or later.slot = 'all' or earlier.slot = 'all')
            and coalesce(later.department, earlier.department, '')
            = coalesce(earlier.department, later.department, '')
            and coalesce(later.beside_product_id, earlier.beside_product_id, '')
            = coalesce(earlier.beside_product_id, later.beside_product_id, '')
            and later.valid_from < earlier.valid_to
            and later.valid_to > earlier.valid_from
    where
        earlier.recorded_at < later.recorded_at
        or (earlier.recorded_at = later.recorded_at and earlier.rule_id < later.rule_id)

),

judged as (

    select
        validated.*,
        case
            when validated.own_reason is not null then validated.own_reason
            when validated.version_rank = 1 and too_late.rule_id is not null then 'place_taken'
        end as reject_reason
    from validated
    left join too_late on validated.rule_id = too_late.rule_id

),

final as (

    select
        judged.rule_id,
        judged.origin,
        judged.recorded_at,
        judged.action,
        judged.target_type,
        judged.target_value,
        judged.slot,
        judged.department,
        judged.beside_product_id,
        judged.position,
        cast(judged.factor as double) as factor,
        judged.valid_from,
        judged.valid_to,
        judged.created_by,
        judged.reason,
        case
            when judged.reject_reason is not null then 'rejected'
            when judged.version_rank > 1 then 'superseded'
            when judged.action = 'withdraw' then 'withdrawn'
            else 'accepted'
        end as verdict,
        judged.reject_reason,
        newest.as_of,
        judged.reject_reason is null
        and judged.version_rank = 1
        and judged.action <> 'withdraw'
        and coalesce(judged.valid_from <= newest.as_of, true)
        and coalesce(newest.as_of < judged.valid_to, true) as is_in_force
    from judged
    cross join newest

)

select * from final
