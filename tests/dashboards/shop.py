"""A tiny published shop whose totals can be reckoned by hand, in the columns of the real marts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml

from trasos.publishing import publish

ROOT = Path(__file__).parents[2]
TABLES = (
    "dim_customers",
    "dim_experiments",
    "dim_products",
    "fct_customer_ltv",
    "fct_order_values",
    "fct_spend",
    "rpt_acquisition_daily",
    "rpt_active_daily",
    "rpt_attribution",
    "rpt_channel_efficiency",
    "rpt_channel_value",
    "rpt_cohort_forecasts",
    "rpt_experiment_daily",
    "rpt_experiment_readouts",
    "rpt_payback",
    "rpt_retention_cohorts",
    "rpt_segments",
    "rpt_sales_daily",
    "rec_evaluations",
    "rec_recommendations",
)

# 95 days to 4 April 2026, of which the page shows the newest 90. Krona, so that a currency that is
# written into the page instead of read from the data would show.
ROWS = """
insert into fct_order_values by name
select
    'o' || number as order_id, date '2025-12-31' + (number % 95)::integer as order_date,
    'SEK' as currency,
    199.99::decimal(18, 2) + number % 7 as net_revenue, 80.01::decimal(18, 2) as gross_margin
from range(700) as orders(number);

insert into metrics_daily by name
select
    date '2025-12-31' + day::integer as day,
    2 * (100 + day) as sessions, 160 as view_sessions, 60 as cart_sessions,
    30 as checkout_sessions, 2 * (3 + day % 4) as converting_sessions,
    orders.orders, orders.net_revenue, orders.gross_margin, 4 as new_customers
from range(95) as days(day)
left join (
    select
        order_date - date '2025-12-31' as day, count(*) as orders, sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from fct_order_values
    group by all
) as orders using (day);

insert into rpt_sales_daily by name
select
    order_date, 'women' as department, 'category ' || hash(order_id) % 11 as category, currency,
    count(*) as order_count, count(*) as unit_count, sum(net_revenue) as net_revenue,
    sum(gross_margin) as gross_margin
from fct_order_values group by all;

-- In another currency: to be left out of every sum of money.
insert into rpt_sales_daily by name
select
    date '2026-03-01' as order_date, 'women' as department, 'category 1' as category,
    'EUR' as currency, 1 as order_count, 1 as unit_count, 5000 as net_revenue, 4000 as gross_margin;

-- 380 new customers for 7,600: 20 each; of two customers one is worth 200.
insert into fct_spend by name
select date '2026-03-01' as spend_date, 'search' as channel, 7600 as amount, 'SEK' as currency;

-- Before the first visit: of no customer here.
insert into fct_spend by name
select date '2020-03-01' as spend_date, 'search' as channel, 9999 as amount, 'SEK' as currency;

insert into fct_customer_ltv by name
select 'c1' as person_id, 200 as ltv_margin, 365 as horizon_days, 'SEK' as currency;

-- One more, who only cancelled.
insert into dim_customers by name select unnest(['c1', 'c2']) as person_id;

insert into rpt_active_daily by name
select
    date '2025-12-31' + day::integer as date_day, 10 as daily_active_count,
    50 as weekly_active_count, 120 + day as monthly_active_count, day >= 27 as has_whole_window
from range(95) as days(day);

insert into rpt_acquisition_daily by name
select date '2026-03-01' + day::integer as date_day, 'search' as channel, 4 as new_customer_count
from range(30) as days(day);

insert into rpt_channel_efficiency by name
select
    date '2026-03-01' as month_start_date, 'search' as channel, 7600 as spend,
    380 as credited_customers, 140000 as net_revenue, 56000 as gross_margin;

insert into rpt_channel_value by name
select
    date '2026-03-01' as acquisition_month, 'search' as acquisition_channel,
    38000 as ltv_margin, 380 as customer_count;

insert into rpt_attribution by name
select model, channel, amount as net_revenue
from
    (
        values ('first', 'search', 60), ('first', 'email', 40), ('last', 'search', 30),
            ('last', 'email', 70)
    ) as credits(model, channel, amount);

insert into rpt_retention_cohorts by name
select
    'all' as segmentation, date '2026-01-01' as cohort_month, age as month_number,
    true as is_whole_month, 10 as cohort_size, 0.5 - age / 10 as order_retention_rate,
    100 * (age + 1) as cumulative_gross_margin
from range(3) as ages(age);

insert into rpt_cohort_forecasts by name
select
    'total/net_revenue' as series_id, 'week' as period,
    date '2026-02-02' + 7 * number::integer as period_start_date, number > 5 as is_forecast,
    'naive' as model, 1000 as value, case when number > 5 then 900 end as value_low,
    case when number > 5 then 1100 end as value_high, 'SEK' as currency
from range(9) as weeks(number);

insert into dim_experiments by name
select 'bigger_pictures' as experiment_id, timestamp '2026-02-01' as starts_at;

insert into rpt_experiment_daily by name
select
    'bigger_pictures' as experiment_id, 'converted' as metric, 'treatment' as variation_id,
    date '2026-02-01' + day::integer as read_date, 100 + day as n_control, 100 + day as n_treatment,
    0.012 as difference, 0.002 as fixed_low, 0.022 as fixed_high, -0.01 as sequential_low,
    0.034 as sequential_high
from range(20) as days(day);

insert into rpt_experiment_readouts by name
select
    'bigger_pictures' as experiment_id, 'converted' as metric, 'treatment' as variation_id,
    'read' as status, 0.012 as difference, 0.002 as diff_low, 0.022 as diff_high,
    'ship' as decision;

-- Newer, with no exposures yet: the page tells of the other.
insert into dim_experiments by name
select 'smaller_pictures' as experiment_id, timestamp '2026-04-01' as starts_at;

insert into rpt_segments by name
select name as segment_name, share as customer_share, share as net_revenue_share
from (values ('many_orders_recent', 0.4), ('one_order_lapsed', 0.6)) as segments(name, share);

insert into dim_products by name select 'p1' as product_id, 'SEK' as currency;

insert into rec_recommendations by name
select 'c1' as person_id, 1 as rank, 'p1' as product_id, 'v2' as model_version;

insert into rec_evaluations by name
select
    version as model_version, model, 'warm' as slice, 'ndcg' as metric, 10 as k, score as value,
    score - 0.01 as ci_low, score + 0.01 as ci_high, 1234 as n_persons, baseline,
    model = 'blend' as is_served
from
    (values ('blend', 0.12), ('als', 0.1), ('popular', 0.05)) as models(model, score),
    unnest(['popular', 'chance_in_department']) as baselines(baseline),
    unnest(['v1', 'v2']) as versions(version);
"""


def publish_shop(home: Path, rows: str = ROWS) -> Path:
    """Publish a shop below ``home`` as ``trasos publish`` would; give the link to it.

    Args:
        home: folder for the warehouse and the published copy.
        rows: SQL that fills the tables.
    """
    warehouse, published = home / "warehouse.duckdb", home / "published" / "trasos.duckdb"
    with duckdb.connect(warehouse) as connection:
        for table in TABLES:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in _contract(table).items())
            connection.execute(f"create table {table} ({columns})")
        metrics = ", ".join(f"{name} decimal(18, 2)" for name in _metrics("metrics_daily"))
        connection.execute(f"create table metrics_daily (day date, {metrics})")
        connection.execute(rows)
    publish(warehouse, published, [*TABLES, "metrics_daily"])
    return published


def _contract(table: str) -> dict[str, str]:
    """Names and types of a mart's columns as its dbt contract promises them."""
    (path,) = (ROOT / "models").rglob(f"{table}.yml")
    (model,) = yaml.safe_load(path.read_text())["models"]
    columns: list[dict[str, Any]] = model["columns"]
    return {column["name"]: column["data_type"] for column in columns}


def _metrics(query: str) -> list[str]:
    """Names of the metrics that a saved query asks for: the columns of its table."""
    content = yaml.safe_load((ROOT / "models/marts/_metrics.yml").read_text())
    (found,) = [saved for saved in content["saved_queries"] if saved["name"] == query]
    names: list[str] = found["query_params"]["metrics"]
    return names
