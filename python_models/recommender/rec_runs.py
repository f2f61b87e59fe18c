def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import model_runs

    return model_runs.table(artefacts=dbt.config.meta_get("artefacts"))
