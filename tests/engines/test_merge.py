"""The MERGE for Delta and Iceberg: Spark's parser takes it, and DuckDB, which has one too, runs it.

Neither format's library can be had beside this version of Spark; what cannot be shown is that their
MERGE does what the standard says.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.conftest import DuckDB, Spark
from tests.engines.macros import ROOT, Macros

COLUMNS = "person, n, partition_period"
#: b is new in a day that holds rows, c in one that holds none; nothing is left of 02.
ROWS = """
    select 'a' as person, 10 as n, '2026-01-01' as partition_period
    union all select 'b', 11, '2026-01-01'
    union all select 'b', 11, '2026-01-01'
    union all select 'c', 12, '2026-01-04'
"""
TOUCHED = ["2026-01-01", "2026-01-02", "2026-01-04"]


def statement(days: list[str] | None) -> str:
    macros = Macros("spark")
    macros.load([ROOT / "macros/spark/merge.sql"])
    sql: Any = macros.merge_days("kept_days", ROWS, COLUMNS, days)
    return str(sql)


@pytest.fixture
def held(duckdb_engine: DuckDB) -> DuckDB:
    duckdb_engine.connection.execute("""
        create or replace table kept_days as
        select * from (values
            ('a', 1, '2026-01-01'), ('a', 1, '2026-01-01'), ('d', 2, '2026-01-01'),
            ('e', 3, '2026-01-02'), ('f', 4, '2026-01-03'), (null, 5, 'none')
        ) as rows (person, n, partition_period)
    """)
    return duckdb_engine


def test_touched_days_are_replaced_and_no_other(held: DuckDB) -> None:
    held.connection.execute(statement(TOUCHED))
    assert held.ask("select * from kept_days order by partition_period, person, n") == [
        ("a", 10, "2026-01-01"),
        ("b", 11, "2026-01-01"),
        ("b", 11, "2026-01-01"),
        ("f", 4, "2026-01-03"),
        ("c", 12, "2026-01-04"),
        (None, 5, "none"),
    ]


def test_once_more_changes_nothing(held: DuckDB) -> None:
    held.connection.execute(statement(TOUCHED))
    before = held.ask("select * from kept_days order by all")
    held.connection.execute(statement(TOUCHED))
    assert held.ask("select * from kept_days order by all") == before


def test_a_table_without_days_is_replaced_whole(held: DuckDB) -> None:
    held.connection.execute(statement(None))
    assert held.ask("select count(*), min(n) from kept_days") == [(4, 10)]


# Slow: a Spark of its own, where the macros' tests have theirs.
@pytest.mark.slow
@pytest.mark.parametrize("days", [TOUCHED, None], ids=["days", "whole"])
def test_spark_reads_it_as_a_merge(spark_engine: Spark, days: list[str] | None) -> None:
    parser = spark_engine.session._jsparkSession.sessionState().sqlParser()
    assert parser.parsePlan(statement(days)).nodeName() == "MergeIntoTable"
