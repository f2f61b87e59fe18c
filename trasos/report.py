"""What a build gave, in a few tables for the terminal, read from the published copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trasos.errors import NotReadyError
from trasos.recommender.verdict import is_served, verdict

HEADLINE_METRICS = (("ndcg", 10), ("recall", 20), ("map", 12), ("mrr", 20), ("coverage", 20))
METRIC_NAMES = {"ndcg": "NDCG", "map": "MAP", "mrr": "MRR"}
MODEL_NAMES = {
    "ranked": "ranked",
    "blend": "blend",
    "rp3beta": "RP3beta",
    "als": "ALS",
    "covisitation": "co-visitation",
    "popular_in_department": "popular in department",
    "popular": "popular",
    "chance_in_department": "chance in department",
}


def build_report(published: Path) -> RenderableType:
    """The report of the newest publication.

    Args:
        published: the link to the published copy.

    Returns:
        Something that ``rich`` prints: tables of rows at each step, of business figures and of
        the recommender beside its baselines, two example lists, and what to look at next.

    Raises:
        NotReadyError: nothing is published yet.
    """
    if not published.exists():
        raise NotReadyError(
            f"Nothing is published at {published}. Run `make demo`, or `dbt build` and then "
            "`trasos publish`."
        )
    with duckdb.connect(str(published), read_only=True) as connection:
        return Group(
            _rows_at_each_step(connection),
            _business(connection),
            _recommender(connection),
            _recommendations(connection),
            _similar_items(connection),
            _next(published),
        )


def _rows_at_each_step(connection: duckdb.DuckDBPyConnection) -> Table:
    counts = connection.execute(
        """
        select
            sum(line_count), sum(dead_letter_count), sum(raw_count), sum(accepted_count),
            sum(duplicated_count), sum(rejected_count),
            (select count(*) from fct_sessions), (select count(*) from fct_orders)
        from rpt_event_conservation
        """
    ).fetchone()
    steps = (
        "lines that came in",
        "  dead letters (did not parse)",
        "  raw rows",
        "    accepted",
        "    duplicate",
        "    rejected",
        "sessions of people",
        "orders",
    )
    return _table("Rows at each step", ("step", "rows"), zip(steps, counts or (), strict=True))


def _business(connection: duckdb.DuckDBPyConnection) -> Table:
    # The same metrics as on the dashboard: whole months add up, so do their parts.
    rows = connection.execute(
        """
        with sums as (
            select
                sum(converting_sessions) / nullif(sum(sessions), 0) as conversion,
                sum(new_customers) as new_customers,
                sum(net_revenue) as net_revenue,
                sum(gross_margin) as gross_margin
            from metrics_monthly
        ),
        reporting as (select coalesce(max(currency), '') as currency from fct_order_values)
        select
            'conversion (sessions that order)' as figure,
            coalesce(format('{:.2f} %', 100.0 * conversion), '-') as value
        from sums
        union all
        select 'new customers', format('{:,}', new_customers::bigint) from sums
        union all
        select 'net revenue', format('{:,.2f} ', net_revenue::double) || currency
        from sums cross join reporting
        union all
        select 'gross margin', format('{:,.2f} ', gross_margin::double) || currency
        from sums cross join reporting
        """
    ).fetchall()
    return _table("Business", ("figure", "value"), rows)


def _recommender(connection: duckdb.DuckDBPyConnection) -> RenderableType:
    rows = connection.sql(
        """
        select evaluations.*
        from rec_evaluations as evaluations
        where model_version = (select min(model_version) from rec_recommendations)
        """
    ).to_arrow_table()
    values = {
        (row["model"], row["metric"], row["k"]): row["value"]
        for row in rows.to_pylist()
        if row["slice"] == "warm"
    }
    served = {row["model"] for row in rows.to_pylist() if is_served(row)}
    heads = [f"{METRIC_NAMES.get(metric, metric)}@{k}" for metric, k in HEADLINE_METRICS]
    table = _table(
        "Recommender beside its baselines (persons with history, later days)",
        ("model", *heads),
        (
            (
                _label(name, model in served),
                *(f"{values[(model, metric, k)]:.4f}" for metric, k in HEADLINE_METRICS),
            )
            for model, name in MODEL_NAMES.items()
            if (model, *HEADLINE_METRICS[0]) in values
        ),
    )
    return Group(table, Text(verdict(rows), style="italic"), Text())


def _label(name: str, is_what_is_served: bool) -> str:
    return f"{name} (served)" if is_what_is_served else name


def _recommendations(connection: duckdb.DuckDBPyConnection) -> Table:
    person = _one(
        connection,
        """
        select person_id from dim_persons
        where is_active and person_id in (select person_id from rec_recommendations)
        order by is_customer desc, session_count desc, person_id limit 1
        """,
    )
    rows = connection.execute(
        """
        select rank, product_id, product_name, candidate_source from rec_recommendations
        where person_id = ? order by rank limit 10
        """,
        [person],
    ).fetchall()
    return _table(f"For {person}", ("rank", "product", "name", "because of"), rows)


def _similar_items(connection: duckdb.DuckDBPyConnection) -> Table:
    product = _one(
        connection,
        """
        select product_id from ftr_interactions
        group by product_id order by sum(interaction_count) desc, product_id limit 1
        """,
    )
    name = _one(connection, "select product_name from dim_products where product_id = ?", [product])
    rows = connection.execute(
        """
        select rank, similar_product_id, similar_product_name, candidate_source
        from rec_similar_items where product_id = ? order by rank limit 10
        """,
        [product],
    ).fetchall()
    return _table(f"Like {product}, {name}", ("rank", "product", "name", "because of"), rows)


def _next(published: Path) -> Table:
    rows = (
        ("look at the shop's day", "make dashboard", "build/dashboard/trasos.html"),
        ("see what growth costs and brings", "the same", "build/dashboard/growth.html"),
        ("see the graph, run and check it", "make ui", "http://127.0.0.1:3000"),
        ("query the marts, while builds run", "any DuckDB client, read-only", str(published)),
        ("read what it all means", "README.md", "docs/"),
    )
    return _table("Where to go next", ("to", "use", "it lies at"), rows)


def _one(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> Any:
    row = connection.execute(query, list(parameters)).fetchone()
    if row is None:
        raise NotReadyError(
            "The published copy holds no recommendations: land events and build first "
            "(`make demo` does both)."
        )
    return row[0]


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place and _is_figure(head) else "left")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table


def _is_figure(head: str) -> bool:
    return head in ("rows", "value") or "@" in head
