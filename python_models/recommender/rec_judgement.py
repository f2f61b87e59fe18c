def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import recommender

    dbt.ref("rec_evaluation")  # what is judged was evaluated before
    return recommender.judgement(
        interactions=dbt.ref("ftr_interaction_events").to_arrow_table(),
        products=dbt.ref("dim_products").to_arrow_table(),
        params=dbt.config.meta_get("params"),
        artefacts=dbt.config.meta_get("artefacts"),
        persons=dbt.ref("dim_persons").filter("is_active").to_arrow_table(),
        bounds=dbt.config.meta_get("bounds"),
    )
