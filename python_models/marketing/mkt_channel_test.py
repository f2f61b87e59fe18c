def model(dbt, session):
    dbt.config(materialized="table")
    from trasos import marketing

    sessions = dbt.ref("fct_sessions").project("channel, person_id, has_order")
    return marketing.channel_tests(sessions.to_arrow_table())
