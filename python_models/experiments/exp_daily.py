def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import experiments

    return experiments.daily(
        persons=dbt.ref("fct_experiment_persons").to_arrow_table(),
        experiments=dbt.ref("dim_experiments").to_arrow_table(),
        variations=dbt.ref("experiment_variations").to_arrow_table(),
        metrics=dbt.ref("experiment_metrics").to_arrow_table(),
        params=dbt.config.meta_get("params"),
    )
