"""Whether two tables hold the same rows, floats to within rounding."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb

#: Floats that differ by a smaller share of the larger are the same: engines sum in other orders.
TOLERANCE = 1e-9

_FLOATS = ("FLOAT", "DOUBLE")


@dataclass(frozen=True)
class Difference:
    """What a comparison of two tables found.

    Attributes:
        rows: number of rows on both sides.
        differing: rows of either side that have no equal on the other; a row that changed counts
            on both sides.
        columns: what is wrong with the columns: missing, surplus, of another type.
    """

    rows: tuple[int, int]
    differing: int
    columns: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return self.differing == 0 and not self.columns


def compare(
    connection: duckdb.DuckDBPyConnection,
    one: str,
    other: str,
    *,
    leave_out: Collection[str] = (),
) -> Difference:
    """Compare two relations as bags of rows.

    Args:
        connection: where both can be read.
        one: SQL relation, such as ``warehouse.main.fct_orders``.
        other: SQL relation, such as ``read_parquet('...')``.
        leave_out: columns whose values are an engine's own.

    Returns:
        What differs. Columns that do not agree in name and type are not compared further.
    """
    types_of_one, types_of_other = _types(connection, one), _types(connection, other)
    columns = tuple(
        f"{name}: {types_of_one.get(name, 'missing')} and {types_of_other.get(name, 'missing')}"
        for name in dict.fromkeys((*types_of_one, *types_of_other))
        if types_of_one.get(name) != types_of_other.get(name)
    )
    shared = {
        name: kind
        for name, kind in types_of_one.items()
        if types_of_other.get(name) == kind and name not in leave_out
    }
    rows = (_count(connection, one), _count(connection, other))
    names = ", ".join(_quoted(name) for name in shared)
    bags = [f"select {names} from {relation}" for relation in (one, other)]
    differing = sum(
        _count(connection, f"({mine} except all {theirs})") for mine, theirs in (bags, bags[::-1])
    )
    if differing and any(kind in _FLOATS for kind in shared.values()):
        differing = _differing_beyond_rounding(connection, bags, shared)
    return Difference(rows, differing, columns)


def _differing_beyond_rounding(
    connection: duckdb.DuckDBPyConnection, bags: list[str], types: dict[str, str]
) -> int:
    """Rows without an equal; those of equal other columns are paired in the order of floats."""
    floats = [_quoted(name) for name, kind in types.items() if kind in _FLOATS]
    others = [_quoted(name) for name, kind in types.items() if kind not in _FLOATS]
    number = (
        f"row_number() over (partition by {', '.join(others) or '1'} "
        f"order by {', '.join(f'{name} nulls last' for name in floats)}) as pair_number"
    )
    keys = " and ".join(f"one.{name} is not distinct from other.{name}" for name in others)
    near = " and ".join(
        f"(one.{name} is not distinct from other.{name} or coalesce(abs(one.{name} - other.{name}) "
        f"<= {TOLERANCE} * greatest(abs(one.{name}), abs(other.{name})), false))"
        for name in floats
    )
    found = connection.execute(
        f"""
        with one as (select *, {number} from ({bags[0]})),
        other as (select *, {number} from ({bags[1]}))
        select coalesce(sum(case
            when one.pair_number is null or other.pair_number is null then 1
            when {near} then 0
            else 2
        end), 0)
        from one full join other
        on one.pair_number = other.pair_number{" and " + keys if keys else ""}
        """
    ).fetchall()
    return int(found[0][0])


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    described = connection.execute(f"describe select * from {relation}").fetchall()
    return {row[0]: row[1] for row in described}


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
