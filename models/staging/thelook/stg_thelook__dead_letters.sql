select
    source_file,
    line_number,
    reason,
    _batch_id as batch_id,
    _loaded_at as loaded_at,
    'thelook' as source
from {{ source('thelook', 'dead_letters') }}
