def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import recommender

    dbt.ref("rec_session_training")  # keeps what is read here
    return recommender.session_items(
        interactions=dbt.ref("ftr_interaction_events").to_arrow_table(),
        products=dbt.ref("dim_products").to_arrow_table(),
        params=dbt.config.meta_get("params"),
        artefacts=dbt.config.meta_get("artefacts"),
        rules=dbt.ref("dim_merchandising_rules").filter("is_in_force").to_arrow_table(),
    )
