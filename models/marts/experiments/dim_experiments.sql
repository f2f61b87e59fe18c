select
    experiment_id,
    name as experiment_name,
    hypothesis,
    unit as unit_kind,
    coalesce(salt, experiment_id) as salt,
    traffic,
    {{ parse_day_or_moment('starts_at') }} as starts_at,
    {{ parse_day_or_moment('ends_at', is_end=true) }} as ends_at,
    control_variation_id,
    planned_persons,
    outcome_window_days
from {{ ref('experiments') }}
