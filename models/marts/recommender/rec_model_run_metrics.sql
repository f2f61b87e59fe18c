select
    run_id,
    model,
    slice,
    metric,
    k,
    value,
    ci_low,
    ci_high,
    n_persons
from {{ ref('rec_runs') }}
where metric is not null
