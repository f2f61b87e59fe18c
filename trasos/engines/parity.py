"""Build a shop on DuckDB and on Spark, load by load, and compare every table after each.

``python -m trasos.engines.parity`` does it on a simulated shop; ``make parity`` calls it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from trasos.engines.compare import Difference, compare
from trasos.engines.loads import spread
from trasos.errors import TrasosError
from trasos.landing import land
from trasos.project import clean_environment, find_project, run_dbt
from trasos.settings import Settings
from trasos.simulator import SimulationConfig, simulate

#: Columns whose values are an engine's own: numbers that it makes of texts, and the clock.
ENGINES_OWN = {
    "int_events_validated": {"event_key"},
    "int_event_copies": {"event_key"},
    "int_watermarks": {"recorded_at"},
}
#: Python models run on one machine alone, and what follows them with them.
_NOT_ON_SPARK = ("path:python_models+", "tag:one_machine+")
_SOURCE_VARIABLES = ("event_sources", "table_sources")


class ParityError(TrasosError):
    """An engine could not build."""


@dataclass(frozen=True)
class Compared:
    """One table on both engines.

    Attributes:
        table: its name.
        difference: what the comparison found.
        seconds: what dbt took to build it, on DuckDB and on Spark.
    """

    table: str
    difference: Difference
    seconds: tuple[float, float]


@dataclass(frozen=True)
class Shop:
    """A shop that both engines build out of one landing folder.

    Attributes:
        home: its home folder; Spark's tables lie below it too.
        source: its name.
        target: Spark's target in ``profiles.yml``.
        project: folder of the dbt project.
        memory: of Spark's driver, in its notation.
        period: ``day`` or ``month``, what a part of Spark's tables holds.
    """

    home: Path
    source: str = "shop"
    target: str = "spark_local"
    project: Path | None = None
    memory: str = "2g"
    period: str = "day"

    def build(self, engine: str, *arguments: str) -> dict[str, float]:
        """Build every SQL model and seed (with tests where ``arguments`` say so).

        Args:
            engine: ``duckdb`` or ``spark``.
            arguments: dbt's own, after ``build``.

        Returns:
            Seconds by name of model or seed.

        Raises:
            ParityError: dbt failed; what it said.
        """
        if engine == "spark":
            shutil.rmtree(self._exported, ignore_errors=True)
        self._dbt(engine, "build", "--exclude", *_NOT_ON_SPARK, *arguments)
        results = json.loads((self._target_path(engine) / "run_results.json").read_text())
        return {
            result["unique_id"].split(".")[-1]: float(result["execution_time"])
            for result in results["results"]
            if result["unique_id"].startswith(("model.", "seed."))
        }

    def compare(
        self,
        seconds: Mapping[str, Mapping[str, float]],
    ) -> list[Compared]:
        """Compare what both engines built last: tables, views and seeds.

        Args:
            seconds: what ``build`` gave, by engine.

        Returns:
            One entry for each that DuckDB built, in the order of building.

        Raises:
            ParityError: Spark did not build one of them.
        """
        missing = seconds["duckdb"].keys() - seconds["spark"].keys()
        if missing:
            raise ParityError(f"Spark did not build {', '.join(sorted(missing))}.")
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            warehouse = self.home / "warehouse/trasos.duckdb"
            connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
            connection.execute("use warehouse")
            return [
                Compared(
                    name,
                    compare(
                        connection,
                        f"main.{name}",
                        f"read_parquet('{self._exported}/{name}/*.parquet')",
                        leave_out=ENGINES_OWN.get(name, set()),
                    ),
                    (seconds["duckdb"][name], seconds["spark"][name]),
                )
                for name in seconds["duckdb"]
            ]

    @property
    def _exported(self) -> Path:
        """Where Spark writes what it built, for DuckDB to read."""
        return self.home / "exported"

    def _target_path(self, engine: str) -> Path:
        return self.home / f"target_{engine}"

    def _dbt(self, engine: str, *arguments: str) -> None:
        variables = {
            **{name: [self.source] for name in _SOURCE_VARIABLES},
            "spark_partition_by": self.period,
            "export_to": str(self._exported),
        }
        inherited = {
            name: value for name, value in os.environ.items() if name.startswith("TRASOS_SPARK_")
        }
        environment = {
            **clean_environment(self.home),
            "TRASOS_SPARK_MEMORY": self.memory,
            **inherited,
            # Spark would bind to the address of the network.
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        (self.home / "warehouse").mkdir(parents=True, exist_ok=True)
        said = run_dbt(
            self.project or find_project(),
            [
                *arguments,
                *("--vars", json.dumps(variables)),
                *("--target-path", str(self._target_path(engine))),
                *("--log-path", str(self.home / f"logs/{engine}")),
            ],
            environment,
            target="duckdb" if engine == "duckdb" else self.target,
        )
        if said is not None:
            raise ParityError(f"dbt {arguments[0]} failed on {engine}:\n{said[-4000:]}")


def table_of(compared: Iterable[Compared], title: str) -> Table:
    """The comparison for people: rows on both sides, rows that differ, seconds on both."""
    table = Table(title=title, title_justify="left")
    table.add_column("table", no_wrap=True)
    for column in ("rows DuckDB", "rows Spark", "differing", "s DuckDB", "s Spark"):
        table.add_column(column, justify="right")
    for each in compared:
        differing = f"{each.difference.differing:,}"
        if not each.difference.is_equal:
            differing = f"[red]{differing}[/red]"
        table.add_row(
            each.table,
            *(f"{rows:,}" for rows in each.difference.rows),
            differing,
            *(f"{seconds:.1f}" for seconds in each.seconds),
        )
    for each in compared:
        for column in each.difference.columns:
            table.add_row(f"[red]{each.table}[/red]", "", "", column, "", "")
    return table


def in_loads(shop: Shop, inbox: Path, loads: int, console: Console) -> bool:
    """Land and build a shop load by load on both engines, and compare after each.

    Args:
        shop: whose home is empty.
        inbox: where all of its files are.
        loads: how many.
        console: where to tell.

    Returns:
        Whether every table was equal after every load.
    """
    settings = Settings(home=shop.home)
    equal = True
    for load in spread(inbox, settings.inbox / shop.source, loads):
        land(shop.source, settings)
        seconds = {}
        for engine in ("duckdb", "spark"):
            began = time.monotonic()
            console.print(f"Load {load} of {loads}: building on {engine} …")
            last = load == loads
            seconds[engine] = shop.build(
                engine, *(() if last else ("--exclude-resource-types", "test", "unit_test"))
            )
            console.print(f"  {time.monotonic() - began:,.0f} s")
        compared = shop.compare(seconds)
        console.print(table_of(compared, f"After load {load} of {loads}"))
        equal = equal and all(each.difference.is_equal for each in compared)
    return equal


def main(arguments: list[str] | None = None) -> int:
    """Read the command line; 1 where a table differs."""
    parser = argparse.ArgumentParser(prog="python -m trasos.engines.parity", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("build/parity"), help="scratch folder")
    parser.add_argument("--inbox", type=Path, help="files of a real shop; else one is simulated")
    parser.add_argument("--source", default="shop")
    parser.add_argument("--loads", type=int, default=4)
    parser.add_argument("--people", type=int, default=1_000, help="of the simulated shop")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--target", default="spark_local")
    parser.add_argument(
        "--period", choices=("day", "month"), default="day", help="what a part of a table holds"
    )
    asked = parser.parse_args(arguments)
    console = Console()
    home = asked.home.resolve()
    shutil.rmtree(home, ignore_errors=True)
    inbox = asked.inbox
    if inbox is None:
        inbox = home / "whole"
        config = SimulationConfig(people=asked.people, days=asked.days, images=False)
        simulate(config, inbox, home / "truth")
    shop = Shop(home / "shop", asked.source, asked.target, period=asked.period)
    try:
        equal = in_loads(shop, inbox, asked.loads, console)
    except TrasosError as error:
        console.print(f"[red]{error}[/red]")
        return 2
    console.print("Every table is equal." if equal else "[red]Tables differ.[/red]")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
