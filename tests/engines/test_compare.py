"""A comparison finds what differs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from trasos.engines.compare import Difference, compare


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def compared(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> Difference:
    return compare(connection, f"(select * from {one})", f"(select * from {other})")


@pytest.mark.parametrize(
    ("one", "other", "differing"),
    [
        ("(values (1, 'a'), (2, null)) as t(i, s)", "(values (2, null), (1, 'a')) as t(i, s)", 0),
        ("(values (1), (1), (2)) as t(i)", "(values (1), (2), (2)) as t(i)", 2),
        ("(values (1), (1)) as t(i)", "(values (1)) as t(i)", 1),
        ("(values (1)) as t(i)", "(select 1 as i where false)", 1),
        ("(values ('a')) as t(s)", "(values ('A')) as t(s)", 2),
        ("(values (null::int)) as t(i)", "(values (null::int)) as t(i)", 0),
        # Floats: a difference of rounding is none, and one beyond it is one.
        ("(values (1, 1e0)) as t(i, x)", "(values (1, 1e0 + 1e-12)) as t(i, x)", 0),
        ("(values (1, 1e0)) as t(i, x)", "(values (1, 1e0 + 1e-8)) as t(i, x)", 2),
        ("(values (1, 0e0)) as t(i, x)", "(values (1, 1e-12)) as t(i, x)", 2),
        ("(values (1, null::double)) as t(i, x)", "(values (1, 0e0)) as t(i, x)", 2),
        ("(values (1, 'nan'::double)) as t(i, x)", "(values (1, 'nan'::double)) as t(i, x)", 0),
        ("(values (1e0)) as t(x)", "(values (1e0 + 1e-12)) as t(x)", 0),
        (
            "(values (null, 1e0), (null, 2e0)) as t(s, x)",
            "(values (null, 2e0 + 1e-12), (null, 1e0)) as t(s, x)",
            0,
        ),
    ],
)
def test_rows_without_an_equal_are_counted(
    connection: duckdb.DuckDBPyConnection, one: str, other: str, differing: int
) -> None:
    found = compared(connection, one, other)
    assert found.differing == differing
    assert found.columns == ()
    assert found.is_equal is (differing == 0)


def test_columns_of_another_type_or_missing_are_told(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = compared(
        connection,
        "(values (1, 2, 'a')) as t(i, n, s)",
        "(values (1, 2::bigint, 1)) as t(i, n, extra)",
    )
    assert found.columns == (
        "n: INTEGER and BIGINT",
        "s: VARCHAR and missing",
        "extra: missing and INTEGER",
    )
    assert found.differing == 0
    assert not found.is_equal


def test_what_is_an_engines_own_can_be_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    one, other = "(select 1 as i, 5 as key)", "(select 1 as i, 6 as key)"
    assert not compare(connection, one, other).is_equal
    assert compare(connection, one, other, leave_out={"key"}).is_equal
