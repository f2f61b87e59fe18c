def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import recommender

    dbt.ref("rec_evaluation")  # measured with it, and read here
    return recommender.candidate_recall(
        interactions=dbt.ref("ftr_interaction_events").to_arrow_table(),
        products=dbt.ref("dim_products").to_arrow_table(),
        params=dbt.config.meta_get("params"),
        artefacts=dbt.config.meta_get("artefacts"),
    )
