-- The figure of a run is the one that its experiment maximises; rec_model_run_metrics has all.
with

kept as (

    select * from {{ ref('rec_runs') }}

),

runs as (

    select distinct
        run_id,
        experiment,
        run_number,
        held_out,
        status,
        error,
        parameters,
        changed_parameters,
        data_snapshot,
        code_version,
        ground,
        started_at,
        cpu_seconds,
        peak_memory_bytes,
        objective,
        objective_slice,
        objective_model
    from kept

),

figures as (

    select
        run_id,
        value,
        ci_low,
        ci_high,
        n_persons
    from kept
    where
        model = objective_model
        and slice = objective_slice
        and metric || '@' || cast(k as varchar) = objective

),

final as (

    select
        runs.run_id,
        runs.experiment,
        runs.run_number,
        runs.held_out,
        runs.status,
        runs.error,
        runs.parameters,
        runs.changed_parameters,
        runs.data_snapshot,
        runs.code_version,
        runs.ground,
        runs.started_at,
        runs.cpu_seconds,
        runs.peak_memory_bytes,
        runs.objective,
        runs.objective_slice,
        runs.objective_model,
        figures.value,
        figures.ci_low,
        figures.ci_high,
        figures.n_persons
    from runs
    left join figures on runs.run_id = figures.run_id

)

select * from final
