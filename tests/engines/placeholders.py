"""The macros of macros/dialect as the lint sees them: functions that say nothing of themselves.

All other macros are expanded as dbt does it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlglot
from sqlglot.errors import SqlglotError

from tests.engines.macros import Macros, Relation, dialect_macros

# Stands for timestamp_type(): a type that no model names.
MOMENT = "timestamp_ns"
# The type that a dialect macro's result has, where a rule would ask for it.
TYPES = {
    "epoch_us": "bigint",
    "event_key": "bigint",
    "slot_number": "bigint",
    "whole_quotient": "bigint",
    "decimal_number": "decimal(18, 4)",
    "json_text": "varchar",
    "json_text_at": "varchar",
    "day_number": "integer",
    "add_days": "date",
    "month_start": "date",
    "week_start": "date",
    "add_hours": MOMENT,
    "parse_utc": MOMENT,
    "timestamp_from_us": MOMENT,
    "timestamp_literal": MOMENT,
}


class Placeholders(Macros):
    """The macros, but for those of macros/dialect, which are left opaque."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        super().__init__(
            "duckdb",
            ref=Relation,
            source=lambda source, table: Relation(f"{source}__{table}"),
            config=self._config,
            is_incremental=lambda: bool(self.incremental),
            run_query=self._run_query,
            execute=True,
            flags=SimpleNamespace(FULL_REFRESH=False),
            target=SimpleNamespace(type="duckdb", schema="main"),
            run_started_at=datetime(2026, 6, 1),
        )
        self.incremental = False
        self.hooks: list[str] = []
        adapter: Any = self.environment.globals["adapter"]
        adapter.get_relation = lambda *address: Relation(address[-1])
        dbt = self.environment.globals["dbt"]
        self.environment.globals["dbt"] = _Dbt(dbt)
        for name in dialect_macros():
            self.held[name] = getattr(self, f"_{name}", self._opaque(name))

    def sql_of(self, file: Path, incremental: bool) -> list[str]:
        """What a model or a singular test runs: its query, hooks, and questions beforehand."""
        self.incremental, self.hooks, self.statements = incremental, [], []
        this = Relation(file.stem)
        query = self.render(file.read_text(), this=this)
        hooks = [self.render(hook, this=this) for hook in self.hooks]
        parts = [query, *self.statements, *(part for hook in hooks for part in hook.split(";"))]
        return [part for part in parts if re.sub(r"--.*", "", part).strip()]

    def _config(self, **settings: Any) -> str:
        self.hooks = [settings[name] for name in ("pre_hook", "post_hook") if name in settings]
        return ""

    def _run_query(self, sql: str) -> object:
        self.statements.append(sql)
        column = SimpleNamespace(values=lambda: ["1"])
        return SimpleNamespace(rows=[("1", "1")], columns=[column])

    def _opaque(self, name: str) -> Callable[..., str]:
        def call(*arguments: object, **named: object) -> str:
            held = [argument for argument in (*arguments, *named.values()) if _is_sql(argument)]
            call = f"dialect_{name}({', '.join(map(str, held))})"
            return f"cast({call} as {TYPES[name]})" if name in TYPES else call

        return call

    # Those that stand where a table, a statement or a type does.

    def _exploded_products(
        self, relation: str, columns: list[str], json: str, fields: tuple[str, ...] = ()
    ) -> str:
        held = [*columns, *(f"dialect_json_text({json}) as {field}" for field in fields)]
        return (
            f"select {', '.join(held)}, dialect_json_text({json}) as product_id, "
            f"cast(dialect_place({json}) as integer) as position from {relation}"
        )

    def _exploded_days(self, relation: str, columns: list[str], first: str, last: str) -> str:
        held = ", ".join([*columns, f"cast(dialect_day({first}, {last}) as date) as date_day"])
        return f"select {held} from {relation}"

    def _rows_of_keys(self, relation: str, key: str, keys: str) -> str:
        return f"(select * from {relation} where {key} in (select {key} from {keys}))"

    def _forget(self, relation: str, rows: str) -> str:
        return f"delete from {relation} where {rows}"

    def _kept(self, relation: str) -> str:
        return relation

    def _laid_out_by(self, column: str) -> str:
        return ""

    def _timestamp_type(self) -> str:
        return MOMENT


class _Dbt:
    """dbt's own macros: all but one leave a call that a rule can see."""

    def __init__(self, known: SimpleNamespace) -> None:
        self.type_string = known.type_string

    def __getattr__(self, name: str) -> Callable[..., str]:
        return lambda *arguments, **named: f"dbt_{name}({', '.join(map(str, arguments))})"


def _is_sql(argument: object) -> bool:
    """Whether an argument of a macro is SQL, not a JSON path, a number or a date."""
    return isinstance(argument, str) and not argument.startswith("$") and _parses(argument)


@cache
def _parses(argument: str) -> bool:
    try:
        sqlglot.parse_one(argument, read="duckdb")
    except SqlglotError:
        return False
    return True
