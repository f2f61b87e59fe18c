"""The graph as Dagster loads it, and a small shop materialised through it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from tests.engines.java import want_java
from tests.warehouse.home import ROOT, Home, fingerprints
from trasos.errors import ConfigurationError
from trasos.simulator import SimulationConfig

DAGSTER = Path(sys.executable).parent / "dagster"


def in_process(
    home: Home, script: str, *, timeout: int = 600, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own: definitions read the environment when they load."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**home.environment, "DAGSTER_DISABLE_TELEMETRY": "1", **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


GRAPH = """
import json
from orchestration.definitions import defs
loaded = defs()
graph = loaded.resolve_asset_graph()
print("GRAPH", json.dumps({
    "assets": {
        key.to_user_string(): {
            "group": graph.get(key).group_name,
            "owners": list(graph.get(key).owners),
            "has_freshness": graph.get(key).freshness_policy is not None,
            "parents": sorted(p.to_user_string() for p in graph.get(key).parent_keys),
            "pools": sorted(graph.get(key).pools or []),
        }
        for key in graph.get_all_asset_keys()
    },
    "checks": sorted(str(key.name) for key in graph.asset_check_keys),
    "schedules": {s.name: s.cron_schedule for s in loaded.schedules},
    "sensors": [s.name for s in loaded.sensors],
}))
"""


MATERIALIZE = """
import dagster as dg
with dg.DagsterInstance.ephemeral() as instance:
    result = loaded.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, raise_on_error=False
    )
    keys = {
        event.asset_key.to_user_string().split("/")[-1]
        for event in result.all_events
        if event.is_step_materialization
    }
    failed = [
        evaluation.check_name
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed
    ]
    print("\\nRESULT", result.success, len(keys), sorted(failed))
"""


@pytest.fixture(scope="module")
def delivered(inbox_of_a_shop: Home, shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of Dagster's own, with what the built shop was given."""
    home = Home(tmp_path_factory.mktemp("delivered"))
    shutil.copytree(shop.settings.landing, home.settings.landing)
    shutil.copytree(inbox_of_a_shop.settings.inbox, home.settings.inbox, copy_function=shutil.copy2)
    return home


@pytest.fixture(scope="module")
def materialised(delivered: Home) -> subprocess.CompletedProcess[str]:
    """The graph is told and then materialised, in one process: to load it takes half a minute."""
    return in_process(delivered, GRAPH + MATERIALIZE)


@pytest.fixture(scope="module")
def graph(materialised: subprocess.CompletedProcess[str]) -> dict[str, object]:
    return told(materialised)


def told(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("GRAPH ")] or [""]
    assert line, done.stderr[-3000:]
    return dict(json.loads(line.removeprefix("GRAPH ")))


def test_the_whole_way_is_one_graph(graph: dict) -> None:
    assets = graph["assets"]
    for child, parent in (
        ("stg_shop__events", "shop/events"),
        ("int_events_unioned", "stg_shop__events"),
        ("int_sessions", "int_session_slots"),
        ("fct_orders", "fct_order_items"),
        ("rec_training", "ftr_interaction_events"),
        ("rec_judgement", "rec_evaluation"),
        ("rec_gate_decisions", "rec_judgement"),
        ("rec_champion", "rec_judgement"),
        ("rec_person_lists", "rec_champion"),
        ("rec_recommendations", "rec_person_lists"),
        ("publication", "fct_orders"),
        ("publication", "rec_recommendations"),
        ("evaluation_report", "publication"),
    ):
        assert parent in by_name(assets, child)["parents"] or any(
            name.split("/")[-1] == parent for name in by_name(assets, child)["parents"]
        ), f"{child} should depend on {parent}"


@pytest.mark.slow
def test_another_engine_builds_the_same_graph(graph: dict, delivered: Home) -> None:
    """Same assets, parents and checks; Python models in a step of their own, on one machine."""
    done = in_process(delivered, GRAPH, TRASOS_ENGINE="spark_thrift")
    assert told(done) == graph


def test_an_engine_of_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.lib.engine import engine

    monkeypatch.setenv("TRASOS_ENGINE", "flink")
    with pytest.raises(ConfigurationError, match="TRASOS_ENGINE is 'flink': one of duckdb, spark"):
        engine()


def by_name(assets: dict, name: str) -> dict:
    (found,) = [spec for key, spec in assets.items() if key.split("/")[-1] == name]
    return dict(found)


def test_every_asset_has_a_group_an_owner_and_a_freshness_policy(graph: dict) -> None:
    for name, spec in graph["assets"].items():
        assert spec["group"] and spec["group"] != "default", name
        assert spec["owners"], name
        assert spec["has_freshness"], name


def test_what_opens_the_warehouse_waits_for_its_turn(graph: dict) -> None:
    assets = graph["assets"]
    for name in ("int_sessions", "rec_training", "publication"):
        assert by_name(assets, name)["pools"] == ["duckdb_writer"]
    assert by_name(assets, "evaluation_report")["pools"] == []


def test_data_tests_are_checks_and_things_run_by_themselves(graph: dict) -> None:
    for check in (
        "assert_every_raw_row_ends_once",
        "assert_no_recommendation_list_is_short",
        "unique_fct_orders_order_id",
        "newest_visit_is_recent",
        "no_file_refused",
    ):
        assert check in graph["checks"]
    assert graph["schedules"] == {
        "nightly_schedule": "0 2 * * *",
        "weekly_retraining_schedule": "0 5 * * 0",
    }
    assert graph["sensors"] == ["new_files"]


def test_the_report_is_metadata_of_the_evaluation(tmp_path: Path) -> None:
    from orchestration.lib.reports import with_report

    folder = tmp_path / "evaluations" / "v1"
    folder.mkdir(parents=True)
    (folder / "verdict.txt").write_text("It beats chance.\nBy far.\n")
    (folder / "report.html").write_text("<!doctype html>")
    (folder / "slices.png").write_bytes(b"picture")
    events = [
        dg.Output(None, metadata={"unique_id": f"model.trasos.{name}", "rows": 3})
        for name in ("rec_training", "rec_evaluation")
    ]
    other = dg.AssetCheckResult(passed=True)
    first, second, third = with_report(iter([*events, other]), tmp_path, lambda: "v1")
    assert (first, third) == (events[0], other)
    found = {name: value.value for name, value in second.metadata.items()}
    assert found == {
        "unique_id": "model.trasos.rec_evaluation",
        "rows": 3,
        "model_version": "v1",
        "verdict": "It beats chance.\n\nBy far.",
        "report": str(folder / "report.html"),
        "slices": "![slices](data:image/png;base64,cGljdHVyZQ==)",
    }


def test_tables_are_counted_when_dbt_has_ended(tmp_path: Path) -> None:
    from orchestration.lib.row_counts import with_row_counts

    warehouse = tmp_path / "warehouse.duckdb"
    names = {"model.trasos.made": "made", "model.trasos.seen": "seen"}

    def events() -> Iterator[Any]:
        """As of a dbt that builds a table and a view, checks the one, and then fails."""
        with duckdb.connect(str(warehouse)) as connection:
            for unique_id, name in names.items():
                yield dg.Output(None, output_name=name, metadata={"unique_id": unique_id})
            yield dg.AssetCheckResult(passed=True)
            connection.execute("create table made as from range(7)")
            connection.execute("create view seen as from made")
        raise RuntimeError("dbt failed")

    found = []
    with pytest.raises(RuntimeError, match="dbt failed"):
        found.extend(with_row_counts(events(), names, warehouse))
    assert [getattr(event, "metadata", {}).get("dagster/row_count") for event in found[:2]] == [
        dg.MetadataValue.int(7),
        None,
    ]
    assert isinstance(found[2], dg.AssetCheckResult)
    # Nothing holds the warehouse.
    duckdb.connect(str(warehouse)).close()


def test_events_are_passed_on_where_nothing_can_be_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from orchestration.lib.row_counts import with_row_counts

    event = dg.Output(None, metadata={"unique_id": "model.trasos.made"})
    spoiled = tmp_path / "spoiled.duckdb"
    spoiled.write_text("no warehouse")
    for warehouse in (tmp_path / "none.duckdb", spoiled):
        found = list(with_row_counts(iter([event]), {"model.trasos.made": "made"}, warehouse))
        assert found == [event]
    assert caplog.text.count("Rows of tables are left out") == 1


def test_materialising_everything_gives_the_tables_of_a_build(
    materialised: subprocess.CompletedProcess[str], delivered: Home, shop: Home
) -> None:
    done = materialised
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT")] or [
        done.stderr[-3000:]
    ]
    # The simulated shop's calendar stands still, so its newest visit is old, and that is said.
    assert line.startswith("RESULT True") and line.endswith("['newest_visit_is_recent']"), line
    ours, theirs = fingerprints(delivered), fingerprints(shop)
    # They note when a build was.
    for name in ("int_watermarks", "rpt_figures_reported"):
        assert ours.pop(name)[0] == theirs.pop(name)[0]
    assert ours == theirs
    assert delivered.settings.published.is_symlink()


@pytest.mark.slow
def test_spark_builds_the_whole_graph_and_one_machine_what_follows(tmp_path: Path) -> None:
    """One variable: models by Spark, ALS by Spark, answers and publishing by DuckDB."""
    want_java()
    home = Home(tmp_path)
    home.simulate(SimulationConfig(people=150, days=40, products=60, images=False))
    done = in_process(
        home,
        GRAPH + MATERIALIZE,
        timeout=3000,
        TRASOS_ENGINE="spark_local",
        TRASOS_SPARK_MEMORY="2g",
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT")] or [
        done.stderr[-3000:]
    ]
    assert line.startswith("RESULT True") and line.endswith("['newest_visit_is_recent']"), line
    home.dbt("build", "--exclude-resource-types", "test", "unit_test")
    published = duckdb.connect(str(home.settings.published), read_only=True)
    with published, duckdb.connect(str(home.warehouse), read_only=True) as here:
        names = published.execute("select table_name from duckdb_tables()").fetchall()
        # The publisher's own table tells of itself.
        tables = [name for (name,) in names if name != "_publication"]
        assert len(tables) > 15
        # Made by models that name the solver, and judged by chance as well.
        of_the_solver = {name for name in tables if name.startswith("rec_")}
        assert of_the_solver
        built = {
            name for (name,) in here.execute("select table_name from duckdb_tables()").fetchall()
        }
        # Answers of the semantic layer come with a publication, from the tables that are compared.
        answers = {"metrics_daily", "metrics_monthly", "metrics_monthly_by_channel"}
        assert set(tables) - built == answers
        # One table notes when a build was.
        for name in set(tables) - of_the_solver - answers - {"rpt_figures_reported"}:
            query = f"select count(*), coalesce(sum(hash(t)::hugeint), 0) from {name} as t"
            assert published.execute(query).fetchall() == here.execute(query).fetchall(), name
        ((parameters,),) = published.execute("select parameters from rec_model_versions").fetchall()
        used = json.loads(parameters)
        assert (used["als_solver"], used["sql_engine"]) == ("spark", "spark")
        lists = "select count(*), count(distinct person_id) from rec_recommendations"
        assert published.execute(lists).fetchall() == here.execute(lists).fetchall()


@pytest.mark.slow
def test_the_code_location_is_valid(delivered: Home) -> None:
    done = subprocess.run(
        [str(DAGSTER), "definitions", "validate", "-f", "orchestration/definitions.py"],
        cwd=ROOT,
        env={**delivered.environment, "DAGSTER_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "All code locations passed validation" in done.stdout + done.stderr


def test_the_age_of_the_newest_visit_is_judged() -> None:
    from orchestration.checks import judge_age

    now, limit = datetime(2026, 1, 3, 12), timedelta(hours=36)
    assert judge_age(datetime(2026, 1, 2), now, limit).passed
    late = judge_age(datetime(2026, 1, 1, 23, 59), now, limit)
    assert not late.passed
    assert "suspects upstream" in (late.description or "")
    assert not judge_age(None, now, limit).passed


SENSOR = """
import dagster as dg
from pathlib import Path
from orchestration.assets.landing import inbox
from orchestration.sensors import new_files
cursor = None
def tick():
    global cursor
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, cursor=cursor)
        answer = new_files(context)
        cursor = getattr(answer, "cursor", None) or context.cursor
        return len(getattr(answer, "run_requests", None) or [])
file = inbox() / "events/new.jsonl"
file.parent.mkdir(parents=True)
said = [tick()]
file.write_text("1")
said += [tick()]
file.write_text("12")
said += [tick(), tick(), tick()]
file.write_text("123")
said += [tick(), tick(), tick()]
print("RESULT", said)
"""


def test_the_sensor_asks_once_the_inbox_is_still(tmp_path: Path) -> None:
    """Empty, changing, changing, still, known; changing, still, known."""
    done = in_process(Home(tmp_path), SENSOR)
    assert "RESULT [0, 0, 0, 1, 0, 0, 1, 0]" in done.stdout, done.stdout + done.stderr[-3000:]
