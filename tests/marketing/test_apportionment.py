"""Money shared out in whole cents: nothing is lost and nobody is off by a cent."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.macros import Macros

MACROS = Macros("duckdb")
GROUPS = st.lists(
    st.tuples(
        st.integers(-(10**11), 10**11), st.lists(st.integers(1, 10**9), min_size=1, max_size=8)
    ),
    min_size=1,
    max_size=20,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@settings(max_examples=40, deadline=None)
@given(groups=GROUPS)
def test_shares_add_up_and_none_is_off_by_a_cent(
    engine: duckdb.DuckDBPyConnection, groups: list[tuple[int, list[int]]]
) -> None:
    rows = [
        {"part": f"{group}", "total": total, "share": weight / sum(weights), "name": f"{number}"}
        for group, (total, weights) in enumerate(groups)
        for number, weight in enumerate(weights)
    ]
    sql = MACROS.shared_out("total", "share", ["part"], ["name"])
    engine.register("rows", pa.Table.from_pylist(rows))
    found = engine.execute(f"select part, total, share, {sql} as units from rows").fetchall()
    sums: dict[str, int] = {}
    for part, total, share, units in found:
        sums[part] = sums.get(part, 0) + units
        assert abs(units - total * share) <= 1 + abs(total) * 1e-12
    assert sums == {f"{group}": total for group, (total, _) in enumerate(groups)}


def test_leftovers_go_to_the_largest_remainders_and_ties_to_the_first_name() -> None:
    sql = MACROS.shared_out("total", "share", ["part"], ["name"])
    with duckdb.connect() as connection:
        found = connection.execute(
            f"""
            with rows(part, name, total, share) as (values
                ('even', 'a', 100, 1 / 3e0), ('even', 'b', 100, 1 / 3e0),
                ('even', 'c', 100, 1 / 3e0),
                ('odd', 'a', 10, 0.24e0), ('odd', 'b', 10, 0.76e0),
                ('back', 'a', -100, 1 / 3e0), ('back', 'b', -100, 2 / 3e0),
                ('none', 'a', null, 0.5e0), ('none', 'b', null, 0.5e0))
            select part, name, {sql} from rows order by part, name
            """
        ).fetchall()
    assert found == [
        *(("back", "a", -33), ("back", "b", -67)),
        *(("even", "a", 34), ("even", "b", 33), ("even", "c", 33)),
        *(("none", "a", None), ("none", "b", None)),
        *(("odd", "a", 2), ("odd", "b", 8)),
    ]


@settings(max_examples=60, deadline=None)
@given(total=st.integers(0, 10**11), days=st.integers(1, 366))
def test_days_add_up(engine: duckdb.DuckDBPyConnection, total: int, days: int) -> None:
    sql = MACROS.running_part("total", "place", "days")
    parts = engine.execute(
        f"select {sql} from (select {total}::bigint as total, {days}::bigint as days, "
        f"unnest(range(1, {days} + 1)) as place)"
    ).fetchall()
    values = [part for (part,) in parts]
    assert sum(values) == total
    assert max(values) - min(values) <= 1
