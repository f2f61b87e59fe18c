def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import value

    return value.series_forecasts(
        series=dbt.ref("fct_value_series").to_arrow_table(),
        params=dbt.config.meta_get("forecast"),
    )
