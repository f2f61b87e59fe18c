"""A tiny published shop whose totals can be reckoned by hand, in the columns of the real marts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml

from trasos.publishing import publish

ROOT = Path(__file__).parents[2]
TABLES = (
    "dim_products",
    "fct_funnel_daily",
    "fct_orders",
    "rpt_sales_daily",
    "rec_evaluations",
    "rec_recommendations",
)

# 95 days to 4 April 2026, of which the page shows the newest 90. Krona, so that a currency that is
# written into the page instead of read from the data would show.
ROWS = """
insert into fct_funnel_daily by name
select
    date '2025-12-31' + day::integer as session_date, device as device_type,
    100 + day as session_count, 90 as person_count, 80 as view_session_count,
    30 as cart_session_count, 15 as checkout_session_count, 3 + day % 4 as order_session_count
from range(95) as days(day), unnest(['mobile', 'desktop']) as devices(device);

insert into fct_orders by name
select
    'o' || number as order_id, date '2025-12-31' + (number % 95)::integer as order_date,
    'SEK' as currency,
    199.99::decimal(18, 2) + number % 7 as net_revenue, 80.01::decimal(18, 2) as gross_margin
from range(700) as orders(number);

-- In another currency: to be left out of every sum of money.
insert into fct_orders by name
select 'e' as order_id, date '2026-03-01' as order_date, 'EUR' as currency,
    5000 as net_revenue, 4000 as gross_margin;

insert into rpt_sales_daily by name
select
    order_date, 'women' as department, 'category ' || hash(order_id) % 11 as category, currency,
    count(*) as order_count, count(*) as unit_count, sum(net_revenue) as net_revenue,
    sum(gross_margin) as gross_margin
from fct_orders group by all;

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
        connection.execute(rows)
    publish(warehouse, published, list(TABLES))
    return published


def _contract(table: str) -> dict[str, str]:
    """Names and types of a mart's columns as its dbt contract promises them."""
    (path,) = (ROOT / "models").rglob(f"{table}.yml")
    (model,) = yaml.safe_load(path.read_text())["models"]
    columns: list[dict[str, Any]] = model["columns"]
    return {column["name"]: column["data_type"] for column in columns}
