{{ config(enabled=target.type == 'duckdb') }}

select
    channel,
    markov_order,
    n_paths as path_count,
    n_conversions as order_count,
    n_channel_paths as channel_path_count,
    n_channel_conversions as channel_order_count,
    conversion_rate,
    conversion_rate_without,
    removal_effect_share,
    markov_share,
    shapley_share,
    status
from {{ ref('mkt_channel_effect') }}
