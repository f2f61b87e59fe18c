def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import marketing

    touches = dbt.ref("fct_touchpoints").project("path_id, touch_number, channel, order_id")
    return marketing.channel_effects(touches.to_arrow_table(), dbt.config.meta_get("params"))
