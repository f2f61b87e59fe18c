def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import value

    orders = dbt.ref("fct_order_values").filter("not is_cancelled")
    return value.model_checks(
        customers=dbt.ref("fct_customer_rfm").to_arrow_table(),
        orders=orders.project(
            "person_id, order_date - date '1970-01-01' as order_day, net_revenue"
        ).to_arrow_table(),
        params=dbt.config.meta_get("ltv"),
        holdout_days=dbt.config.meta_get("holdout_days"),
    )
