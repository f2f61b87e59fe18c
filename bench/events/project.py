"""The dbt project under measurement: its event layers, built by dbt and taken out as plain SQL."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from bench.events.homes import ROOT, Home
from bench.events.measure import Cost, run

DBT = Path(sys.executable).parent / "dbt"
#: Seeds that the event layers read.
SEEDS = ("event_types", "bot_user_agents", "identity_corrections")
#: Everything from the landed rows to the sums of a day.
LAYERS = (
    "stg_shop__events",
    "int_watermarks",
    "int_rebuilt_rows",
    "int_events_unioned",
    "int_events_validated",
    "int_event_copies",
    "int_events_judged",
    "int_events_accepted",
    "int_visitor_slots",
    "int_session_slots",
    "int_sessions_retired",
    "int_sessions",
    "int_slot_customers",
    "int_identities",
    "fct_traffic_daily",
)
#: A row for each product of each list that was shown: measured apart, since bulk lists are long.
IMPRESSIONS = "int_impressions"


class Statement(NamedTuple):
    """A model's SQL as dbt compiled it, and what it is made into (view, table or incremental)."""

    model: str
    materialized: str
    sql: str


class Query(NamedTuple):
    """A statement that dbt sent, and the connection that it sent it on."""

    connection: str
    sql: str


def dbt(
    home: Home,
    *arguments: str,
    memory_limit: str,
    project: Path = ROOT,
    flags: tuple[str, ...] = (),
) -> Cost:
    """Run dbt as a user would, in a process of its own.

    Args:
        home: whose landing folder and warehouse are meant.
        arguments: the command and its options.
        memory_limit: DuckDB's, in its own notation.
        project: folder of the dbt project.
        flags: options of dbt itself, before the command.
    """
    return run(
        [
            *(str(DBT), "--no-use-colors", "--log-path", str(home.path / "logs"), *flags),
            *arguments,
            *("--target-path", str(home.path / "target")),
        ],
        cwd=project,
        log=home.path / "logs/said.txt",
        environment={
            "TRASOS_HOME": str(home.path),
            "TRASOS_WAREHOUSE": str(home.warehouse),
            "TRASOS_MEMORY_LIMIT": memory_limit,
            "OPENBLAS_NUM_THREADS": "1",
            "DO_NOT_TRACK": "1",
            # Else dbt compiles its own modules at each start.
            "PYTHONDONTWRITEBYTECODE": "",
        },
        spill=home.spill,
    )


def build(home: Home, *models: str, memory_limit: str) -> Cost:
    """Bring the event layers (or some models) up to date; the first time, in full."""
    return dbt(home, "run", "--select", *(models or LAYERS), memory_limit=memory_limit)


def recorded(home: Home, memory_limit: str) -> list[Query]:
    """Bring the event layers up to date, and tell every statement that dbt sent, in its order.

    Transactions' beginnings and ends are among them. What the run costs is not measured, since it
    writes another log than a user's.
    """
    log = home.path / "logs/dbt.log"
    log.unlink(missing_ok=True)
    dbt(
        home,
        *("run", "--select", *LAYERS),
        memory_limit=memory_limit,
        flags=("--log-format-file", "json"),
    )
    events = [json.loads(line) for line in log.read_text().splitlines()]
    log.unlink()
    return [
        Query(event["data"]["conn_name"], event["data"]["sql"])
        for event in events
        if event["info"]["name"] == "SQLQuery"
    ]


def prepare(home: Home, memory_limit: str) -> None:
    """Load the seeds; parse the project, so that no measured run is the one that parses it."""
    dbt(home, "seed", "--select", *SEEDS, memory_limit=memory_limit)


def compiled(home: Home) -> list[Statement]:
    """What the last run of dbt built, in its order."""
    results = json.loads((home.path / "target/run_results.json").read_text())["results"]
    nodes = json.loads((home.path / "target/manifest.json").read_text())["nodes"]
    return [
        Statement(
            nodes[result["unique_id"]]["name"],
            nodes[result["unique_id"]]["config"]["materialized"],
            result["compiled_code"],
        )
        for result in results
        if result["unique_id"].startswith("model.")
    ]
