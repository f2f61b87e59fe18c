def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import value

    return value.segment_members(
        customers=dbt.ref("fct_customer_rfm").to_arrow_table(),
        behaviour=dbt.ref("fct_sessions").aggregate(
            "person_id, count(*) as session_count, sum(product_view_count)::bigint as view_count",
            "person_id",
        ).to_arrow_table(),
        params=dbt.config.meta_get("segment"),
    )
