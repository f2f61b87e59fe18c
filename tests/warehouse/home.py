"""A shop's home folder in which tests simulate, land and build."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.warehouse.dbt_process import run_dbt
from tests.warehouse.parses import DBT, ROOT, link_project, take_parse
from trasos.landing import land
from trasos.settings import Settings
from trasos.simulator import SimulationConfig, simulate

# Enough for every kind of dirt, device and order to occur; small enough for seconds.
SMALL = SimulationConfig(people=300, days=40, products=120, images=False)


@dataclass(frozen=True)
class Home:
    """One shop's home folder, and the dbt project that builds it."""

    path: Path
    source: str = "shop"
    project: Path = ROOT

    @property
    def settings(self) -> Settings:
        return Settings(home=self.path)

    @property
    def warehouse(self) -> Path:
        return self.path / "warehouse/trasos.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        """For what runs elsewhere than dbt here does."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TRASOS_", "DBT_"))}
        return {
            **inherited,
            "TRASOS_HOME": str(self.path),
            "TRASOS_SOURCE": self.source,
            "OPENBLAS_NUM_THREADS": "1",
            "DO_NOT_TRACK": "1",
        }

    def simulate(self, config: SimulationConfig = SMALL) -> None:
        simulate(config, self.settings.inbox / "shop", self.settings.truth / "shop")

    def land(self, inbox: Path | None = None) -> None:
        land(self.source, self.settings, inbox=inbox)

    def dbt_command(self, *arguments: str, variables: str | None = None) -> list[str]:
        self.warehouse.parent.mkdir(parents=True, exist_ok=True)
        if variables is None and self.source != "shop":
            variables = f"{{event_sources: [{self.source}], table_sources: [{self.source}]}}"
        return [
            str(DBT),
            "--no-use-colors",
            "--log-path",
            str(self.path / "logs"),
            # dbt's own notes cost a sixteenth of a build, a manifest two seconds: a test that reads
            # the one asks for it, the other is written once.
            *(() if "--log-level-file" in arguments else ("--log-level-file", "none")),
            *(("--no-write-json",) if (self.path / "target/manifest.json").exists() else ()),
            *arguments,
            "--target-path",
            str(self.path / "target"),
            *(["--vars", variables] if variables else []),
        ]

    def dbt_process(self, *arguments: str, variables: str | None = None) -> dict[str, Any]:
        """How to start dbt on this home: what ``subprocess`` wants, but for its streams."""
        environment = self.environment | {"TRASOS_HOME": ".."}
        folder = link_project(self.project, self.path)
        if self.project == ROOT and self.source == "shop" and variables is None:
            take_parse(self.path / "target", environment)
        command = self.dbt_command(*arguments, variables=variables)
        return {"args": command, "cwd": folder, "env": environment, "text": True}

    def dbt(
        self, *arguments: str, variables: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run dbt on this home; with ``check``, fail with what it said."""
        process = self.dbt_process(*arguments, variables=variables)
        done = run_dbt(process["args"][1:], process["cwd"], process["env"], self.path / "dbt.out")
        if check and done.returncode != 0:
            raise AssertionError(f"dbt {' '.join(arguments)} failed:\n{done.stdout[-6000:]}")
        return done

    def connect(self) -> duckdb.DuckDBPyConnection:
        """To the warehouse, for reading; views name the files that they read as dbt saw them."""
        settings = {"file_search_path": str(self.path / "project")}
        return duckdb.connect(str(self.warehouse), read_only=True, config=settings)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        return self.query(sql, parameters)[0][0]

    def truth(self, table: str) -> str:
        """An SQL relation of the simulator's truth."""
        return f"read_parquet('{self.settings.truth / 'shop' / table}.parquet')"


def fingerprints(home: Home, tables: Sequence[str] | None = None) -> dict[str, tuple[int, int]]:
    """Row count and an order-independent hash of whole rows, by table.

    Floats are taken as they are: what is not bit-equal is not equal.
    """
    with home.connect() as connection:
        names = tables or [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() order by table_name"
            ).fetchall()
        ]
        found = {}
        for name in names:
            found[name] = connection.execute(
                f"select count(*), coalesce(sum(hash(t)::hugeint), 0) from {name} as t"
            ).fetchone()
    return found  # type: ignore[return-value]
