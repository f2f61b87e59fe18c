"""The measured ways do the same job, and a measurement tells what a process took."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.events import experiments, project
from bench.events.homes import Home, fresh, pool
from bench.events.measure import MeasuredProcessError, run
from bench.events.rivals import by_our_models

EVENTS, DAYS, LIMIT = 12_000, 5, "1GB"


def test_a_process_is_told_by_what_it_took(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    busy = (
        "import time, pathlib; block = b'x' * 80_000_000\n"
        f"pathlib.Path(r'{spill}/part').write_bytes(block[:1_000_000])\n"
        "until = time.process_time() + 0.5\n"
        "while time.process_time() < until: pass\n"
        "time.sleep(0.5)"
    )
    cost = run([sys.executable, "-c", busy], cwd=tmp_path, log=tmp_path / "log", spill=spill)
    assert 0.5 <= cost.cpu_s < cost.wall_s
    assert cost.peak_bytes > 80_000_000
    assert cost.spill_bytes == 1_000_000


def test_a_process_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(MeasuredProcessError, match=r"ended with 3; (?s:.*)no disk left"):
        run(
            [sys.executable, "-c", "print('no disk left'); raise SystemExit(3)"],
            cwd=tmp_path,
            log=tmp_path / "log",
        )


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return pool(tmp_path_factory.mktemp("bench") / "pool", EVENTS, DAYS)


@pytest.fixture(scope="module")
def home(source: Home) -> Home:
    return fresh(source.path.with_name("home"), source, source.days()[:-1])


@pytest.fixture(scope="module")
def full(home: Home) -> experiments.Record:
    return experiments.full_build(home, LIMIT)


@pytest.mark.slow
def test_a_full_build_is_measured(full: experiments.Record) -> None:
    assert abs(full["events"] / EVENTS / ((DAYS - 1) / DAYS) - 1) < 0.1
    assert set(full["by_statement_cpu_s"]) == set(project.LAYERS)


@pytest.mark.slow
def test_every_way_of_the_same_job_gives_the_same_tables(
    home: Home, full: experiments.Record
) -> None:
    """Before the next test, since it takes the SQL of the last run, which must be a full build."""
    pytest.importorskip("polars", reason="Polars comes with the extra bench")
    # Raises where two ways give different tables.
    found = experiments.rivals(home, LIMIT, rounds=1)
    assert found["sessions"] == full["rows"]["int_sessions"]


@pytest.mark.slow
def test_a_day_more_is_measured(source: Home, home: Home, full: experiments.Record) -> None:
    days = experiments.increments(home, source, full["dbt"], [1], LIMIT, repeats=1)
    assert days["history_events"] == full["events"]
    assert days["batches"][0]["new_events"] > 0
    assert days["batches"][0]["statements"] > len(project.LAYERS)


def test_a_job_without_staging_of_its_own_is_refused(tmp_path: Path) -> None:
    staging = project.Statement("stg_shop__events", "view", "select 1 as event_id")
    with pytest.raises(ValueError, match="in 0 places"):
        by_our_models([staging], {}, tmp_path)
