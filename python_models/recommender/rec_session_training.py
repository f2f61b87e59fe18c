def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import recommender

    return recommender.session_model(
        interactions=dbt.ref("ftr_interaction_events").to_arrow_table(),
        products=dbt.ref("dim_products").to_arrow_table(),
        params=dbt.config.meta_get("params"),
        artefacts=dbt.config.meta_get("artefacts"),
    )
