{{ config(enabled=target.type == 'duckdb') }}

select
    method,
    statistic,
    degrees_of_freedom,
    p_value,
    cramers_v,
    n_sessions as session_count,
    n_persons as person_count,
    n_channels as channel_count,
    case
        when status <> 'tested' then status
        when p_value < {{ var('channel_test_level') }} then 'channels differ'
        else 'no difference found'
    end as status
from {{ ref('mkt_channel_test') }}
