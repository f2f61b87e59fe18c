"""What is measured: each function gives one record for bench/results/events.jsonl."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from bench.events import project
from bench.events.empty import empty_project
from bench.events.homes import ROOT, Home, add_days, drop_days
from bench.events.measure import Cost, run, size_of
from bench.events.project import IMPRESSIONS, LAYERS, SEEDS, Query, Statement
from bench.events.rivals import KEPT, by_our_models, straightforward

Record = dict[str, Any]

THREADS = 2


def told(cost: Cost) -> dict[str, float]:
    """A cost as it is written down."""
    return {name: round(value, 3) for name, value in asdict(cost).items()}


def middle(costs: Sequence[Cost]) -> Cost:
    """The cost with the median of processor time."""
    return sorted(costs, key=lambda cost: cost.cpu_s)[(len(costs) - 1) // 2]


def plainly(
    home: Home,
    statements: Sequence[tuple[str, str, str]],
    memory_limit: str,
    *,
    database: Path | None = None,
    before: Sequence[str] = (),
) -> tuple[Cost, dict[str, float]]:
    """Run statements in a plain DuckDB process of their own.

    Args:
        home: folder for the job's files.
        statements: connection, label and SQL of each.
        memory_limit: DuckDB's, in its own notation.
        database: its file; in memory where none is given.
        before: statements that run first and have no label.

    Returns:
        What the process cost, and CPU seconds by label.
    """
    job, log = home.path / "job.json", home.path / "job.log"
    spill = home.path / "job.tmp"
    config = {"memory_limit": memory_limit, "threads": THREADS, "temp_directory": str(spill)}
    asked = {
        "database": str(database or ":memory:"),
        "config": config,
        "before": list(before),
        "statements": list(statements),
    }
    job.write_text(json.dumps(asked))
    command = [sys.executable, "-m", "bench.events.plain", str(job)]
    cost = run(command, cwd=ROOT, log=log, spill=spill)
    return cost, json.loads(log.read_text())


def full_build(home: Home, memory_limit: str) -> Record:
    """The event layers through dbt, the same SQL plainly, and the floor, one after the other."""
    project.prepare(home, memory_limit)
    by_dbt = project.build(home, memory_limit=memory_limit)
    plain, by_statement = _same_plainly(home, project.compiled(home), memory_limit)
    floor, parts = plainly(home, _floor(home), memory_limit)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = {
            name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
            for name in ("int_events_validated", "int_event_copies", "int_sessions")
        }
    return {
        "experiment": "full",
        "events": rows["int_events_validated"],
        "days": len(home.days()),
        "memory_limit": memory_limit,
        "dbt": told(by_dbt),
        "plain": told(plain),
        "by_statement_cpu_s": by_statement,
        "floor": told(floor),
        "floor_cpu_s": parts,
        "landed_bytes": size_of(home.events),
        "warehouse_bytes": size_of(home.warehouse),
        "rows": rows,
    }


def _same_plainly(
    home: Home, models: Sequence[Statement], memory_limit: str
) -> tuple[Cost, dict[str, float]]:
    """Compiled models as views and tables of a new file, by the name that dbt's SQL calls it."""
    file = home.path / "plain/trasos.duckdb"
    shutil.rmtree(file.parent, ignore_errors=True)
    file.parent.mkdir()
    kinds = {"view": "view", "table": "table", "incremental": "table"}
    before = [
        f"create table {seed} as from read_csv('{ROOT / 'seeds' / seed}.csv', all_varchar = true)"
        if seed != "event_types"
        else f"create table {seed} as from read_csv('{ROOT / 'seeds' / seed}.csv')"
        for seed in SEEDS
    ]
    statements = [
        ("one", model.model, f"create {kinds[model.materialized]} {model.model} as {model.sql}")
        for model in models
    ]
    result = plainly(home, statements, memory_limit, database=file, before=before)
    shutil.rmtree(file.parent)
    return result


def _floor(home: Home) -> list[tuple[str, str, str]]:
    """The least that any engine must do: read all, group once by the key, sort once narrowly."""
    landed = f"read_parquet('{home.landed}')"
    with duckdb.connect() as connection:
        names = [row[0] for row in connection.execute(f"describe from {landed}").fetchall()]
    everything = ", ".join(f"max({name})" for name in names)
    return [
        ("one", "scan", f"select {everything} from {landed}"),
        (
            "one",
            "aggregate",
            "select count(*), max(n) from "
            f"(select hash(message_id), count(*) as n from {landed} group by 1)",
        ),
        (
            "one",
            "sort",
            f"""
            select max(gap)
            from (
                select t - lag(t) over (partition by visitor order by t) as gap
                from (
                    select
                        hash(anonymous_id) as visitor,
                        try_cast(original_timestamp as timestamp) as t
                    from {landed}
                )
            )
            """,
        ),
    ]


def impressions(home: Home, memory_limit: str) -> Record:
    """What impressions cost on top, on a home whose other layers are built."""
    cost = project.build(home, IMPRESSIONS, memory_limit=memory_limit)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        ((events, rows),) = connection.execute(
            "select (select count(*) from int_events_validated), "
            "(select count(*) from int_impressions)"
        ).fetchall()
    return {
        "experiment": "impressions",
        "events": events,
        "impressions": rows,
        "memory_limit": memory_limit,
        "dbt": told(cost),
    }


def rivals(home: Home, memory_limit: str, *, rounds: int = 3) -> Record:
    """Copies out, sessions and daily sums: our models' SQL, plain DuckDB SQL, Polars.

    Every round runs all of them, in turning order; a result that differs ends the measurement.

    Args:
        home: one whose warehouse was built in full by the last run of dbt.
        memory_limit: DuckDB's; Polars takes what it wants.
        rounds: how often.

    Raises:
        ValueError: two ways gave different tables.
    """
    nodes = json.loads((home.path / "target/manifest.json").read_text())["nodes"]
    types = {
        model: {
            c["name"]: c["data_type"] for c in nodes[f"model.trasos.{model}"]["columns"].values()
        }
        for model in KEPT
    }
    models = project.compiled(home)
    folders = {
        name: home.path / "rivals" / name for name in ("models", "duckdb", "polars", "stream")
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)

    def in_duckdb(statements: Sequence[tuple[str, str]]) -> Cost:
        return plainly(home, [("one", *statement) for statement in statements], memory_limit)[0]

    def in_polars(engine: str, folder: Path) -> Cost:
        command = [sys.executable, "-m", "bench.events.in_polars", home.landed, str(folder), engine]
        return run(command, cwd=ROOT, log=home.path / "polars.log")

    ways: dict[str, Callable[[], Cost]] = {
        "our models": lambda: in_duckdb(by_our_models(models, types, folders["models"])),
        "Polars, in memory": lambda: in_polars("in-memory", folders["polars"]),
        "Polars, streaming": lambda: in_polars("streaming", folders["stream"]),
        "DuckDB, straightforward": lambda: in_duckdb(
            straightforward(home.landed, folders["duckdb"])
        ),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in list(ways) if number % 2 == 0 else list(reversed(ways)):
            # Streaming is Polars' slower way here: once, for its memory.
            if name != "Polars, streaming" or number == 0:
                costs[name].append(ways[name]())
    same = [_fingerprint(folder) for folder in folders.values()]
    if any(other != same[0] for other in same):
        raise ValueError(f"the ways give different tables: {dict(zip(folders, same, strict=True))}")
    shutil.rmtree(home.path / "rivals")
    return {
        "experiment": "rivals",
        "events": same[0]["events"],
        "sessions": same[0]["sessions"],
        "memory_limit": memory_limit,
        "rounds": rounds,
        "costs": {name: told(middle(found)) for name, found in costs.items()},
        "ratios": {
            name: round(
                statistics.median(
                    ours.cpu_s / theirs.cpu_s
                    for ours, theirs in zip(costs["our models"], found, strict=False)
                ),
                3,
            )
            for name, found in costs.items()
            if name != "our models"
        },
    }


def _fingerprint(folder: Path) -> dict[str, Any]:
    """Counts, and a hash of all rows of both tables that does not depend on their order."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        ((sessions, events, rows),) = connection.execute(
            "select count(*), sum(event_count), sum(hash(visitor_id, epoch_us(started_at), "
            f"epoch_us(ended_at), event_count)::hugeint) from '{folder}/sessions.parquet'"
        ).fetchall()
        days = connection.execute(f"from '{folder}/days.parquet' order by day").fetchall()
    return {"sessions": sessions, "events": int(events), "rows": rows, "days": days}


def increments(
    home: Home,
    source: Home,
    full: Record,
    batches: Sequence[int],
    memory_limit: str,
    *,
    repeats: int = 3,
) -> Record:
    """Some days on top of a history that is built, each beside the full build of that history.

    Args:
        home: whose event layers are built in full; it is as it was afterwards.
        source: the pool that its days are the first of.
        full: what the full build cost, as ``told``.
        batches: numbers of days that then come at once.
        memory_limit: DuckDB's, in its own notation.
        repeats: how often a day is measured, on a copy of the same warehouse; more days once.
    """
    days, history = source.days(), len(home.days())
    kept = home.warehouse.with_name("kept.duckdb")
    shutil.copyfile(home.warehouse, kept)
    nothing = middle([project.build(home, memory_limit=memory_limit) for _ in range(repeats)])
    with duckdb.connect(str(kept), read_only=True) as connection:
        ((before,),) = connection.execute("select count(*) from int_events_validated").fetchall()
    found = []
    for batch in batches:
        new = days[history : history + batch]
        add_days(home, source, new)
        shutil.copyfile(kept, home.warehouse)
        queries = project.recorded(home, memory_limit)
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            ((after,),) = connection.execute("select count(*) from int_events_validated").fetchall()
        by_dbt: list[Cost] = []
        alone: list[Cost] = []
        by_connection: dict[str, float] = {}
        for _ in range(repeats if batch == 1 else 1):
            shutil.copyfile(kept, home.warehouse)
            by_dbt.append(project.build(home, memory_limit=memory_limit))
            cost, by_connection = _replayed(home, kept, queries, memory_limit)
            alone.append(cost)
        found.append(
            {
                "days": batch,
                "new_events": after - before,
                "dbt": told(middle(by_dbt)),
                "engine": told(middle(alone)),
                "engine_by_model_cpu_s": by_connection,
                "statements": len(queries),
                "warehouse_bytes": size_of(home.warehouse),
            }
        )
        drop_days(home, new)
    kept_bytes = size_of(kept)
    kept.replace(home.warehouse)
    return {
        "experiment": "increments",
        "history_days": history,
        "history_events": before,
        "memory_limit": memory_limit,
        "repeats": repeats,
        "full": full,
        "nothing_new": told(nothing),
        "warehouse_bytes": kept_bytes,
        "batches": found,
    }


def _replayed(
    home: Home, kept: Path, queries: Sequence[Query], memory_limit: str
) -> tuple[Cost, dict[str, float]]:
    """What dbt sent, sent again by a plain process to a copy of the same warehouse."""
    file = home.path / "again/trasos.duckdb"
    file.parent.mkdir(exist_ok=True)
    shutil.copyfile(kept, file)
    statements = [
        (query.connection, query.connection.split(".")[-1], query.sql) for query in queries
    ]
    result = plainly(home, statements, memory_limit, database=file)
    shutil.rmtree(file.parent)
    return result


def tests_of_layers(home: Home, memory_limit: str) -> Record:
    """What the data tests of the layers cost: they read all of the history, every time."""
    names = [name for name in LAYERS if name != "int_watermarks"]
    cost = project.dbt(
        home,
        *("test", "--select", *names, "--exclude-resource-types", "unit_test"),
        memory_limit=memory_limit,
    )
    return {
        "experiment": "tests",
        "history_days": len(home.days()),
        "memory_limit": memory_limit,
        "dbt": told(cost),
    }


def nothing_new(
    folder: Path, home: Home, selection: Sequence[str], memory_limit: str, *, repeats: int = 3
) -> Record:
    """``dbt build`` with nothing new, beside a project of as many empty models, seeds and tests.

    Args:
        folder: where the empty project is made.
        home: where something is landed.
        selection: models to build with their tests; all where none is given.
        memory_limit: DuckDB's, in its own notation.
        repeats: how often each is measured, in turn.
    """
    build = ("build", "--exclude-resource-types", "unit_test")
    chosen = ("--select", *selection) if selection else ()
    project.dbt(home, *build, *chosen, memory_limit=memory_limit)
    results = json.loads((home.path / "target/run_results.json").read_text())["results"]
    nodes = json.loads((home.path / "target/manifest.json").read_text())["nodes"]
    built = [nodes[result["unique_id"]] for result in results if result["unique_id"] in nodes]
    kinds = Counter(
        node["config"]["materialized"]
        if node["resource_type"] == "model"
        else node["resource_type"]
        for node in built
    )
    empty = empty_project(folder, kinds)
    project.dbt(empty, *build, memory_limit=memory_limit, project=folder)
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(project.dbt(home, *build, *chosen, memory_limit=memory_limit))
        theirs.append(project.dbt(empty, *build, memory_limit=memory_limit, project=folder))
    shutil.rmtree(folder)
    return {
        "experiment": "nothing new",
        "selection": "event layers" if selection else "whole project",
        "models": sum(kinds[kind] for kind in ("view", "table", "incremental")),
        "tests": kinds["test"],
        "memory_limit": memory_limit,
        "ours": told(middle(ours)),
        "empty": told(middle(theirs)),
        "ratio": round(
            statistics.median(a.cpu_s / b.cpu_s for a, b in zip(ours, theirs, strict=True)), 3
        ),
    }
