def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import value

    return value.customer_values(
        customers=dbt.ref("fct_customer_rfm").to_arrow_table(),
        params=dbt.config.meta_get("ltv"),
    )
