def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import recommender

    return recommender.recommendations(
        interactions=dbt.ref("ftr_interaction_events").to_arrow_table(),
        products=dbt.ref("dim_products").to_arrow_table(),
        params=dbt.config.meta_get("params"),
        artefacts=dbt.config.meta_get("artefacts"),
        persons=dbt.ref("dim_persons").filter("is_active").to_arrow_table(),
        champion=dbt.ref("rec_champion").to_arrow_table(),
        rules=dbt.ref("dim_merchandising_rules").filter("is_in_force").to_arrow_table(),
        exploration=dbt.config.meta_get("exploration"),
        standing=recommender.earlier(session, dbt.this),
        max_age_days=dbt.config.meta_get("list_max_age_days"),
    )
