select
    loaded_at,
    events as event_count,
    dead_letters as letter_count,
    coalesce(retired_events, 0) as retired_event_count,
    coalesce(retired_dead_letters, 0) as retired_letter_count,
    'snowplow' as source
from {{ source('snowplow', 'manifests') }}
