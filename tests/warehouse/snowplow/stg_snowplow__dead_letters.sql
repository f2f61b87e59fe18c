select
    source_file,
    line_number,
    reason,
    _batch_id as batch_id,
    _loaded_at as loaded_at,
    'snowplow' as source
from {{ source('snowplow', 'dead_letters') }}
