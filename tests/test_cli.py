from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from typer.testing import CliRunner

from trasos.cli import app
from trasos.errors import TrasosError
from trasos.publishing.versions import current, versions
from trasos.settings import Settings

ROOT = Path(__file__).parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("TRASOS_WAREHOUSE", "TRASOS_PUBLISHED", "DBT_TARGET_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRASOS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return Settings.from_env()


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def build(home: Settings, rows: int) -> None:
    home.warehouse.parent.mkdir(exist_ok=True)
    with duckdb.connect(home.warehouse) as connection:
        connection.execute(
            f"create or replace table dim_product as from range({rows}) t(product_id)"
        )


def mark(home: Settings, folder: str = "target") -> None:
    model = {
        "resource_type": "model",
        "alias": "dim_product",
        "config": {"meta": {"published": True}},
    }
    (home.home / folder).mkdir()
    (home.home / folder / "manifest.json").write_bytes(orjson.dumps({"nodes": {"m": model}}))
    nothing = {
        "semantic_models": [],
        "metrics": [],
        "saved_queries": [],
        "project_configuration": {"time_spines": []},
    }
    (home.home / folder / "semantic_manifest.json").write_bytes(orjson.dumps(nothing))


def test_help_names_the_commands() -> None:
    result = call("--help")
    assert result.exit_code == 0
    for command in ("simulate", "land", "check", "publish"):
        assert command in result.stdout


def test_simulate_then_land_then_land_again(home: Settings) -> None:
    arguments = ("simulate", "--people", 30, "--days", 2, "--products", 40, "--seed", 7)
    made = call(*arguments, "--end-date", "2026-03-31")
    assert made.exit_code == 0, made.output
    days = sorted(path.name for path in (home.inbox / "shop" / "events").iterdir())
    assert (days[0], days[-1]) == ("2026-03-30", "2026-03-31")
    assert (home.truth / "shop").is_dir()
    assert "is there already" in call(*arguments, "--end-date", "2026-03-31").stdout

    result = call("land")
    assert result.exit_code == 0, result.output
    ((events, letters),) = duckdb.execute(
        f"""
        select
            (select count(*) from '{home.landing}/shop/events/*/*/events.parquet'),
            (select count(*) from '{home.landing}/shop/events/*/*/dead_letters.parquet')
        """
    ).fetchall()
    assert f"{events:,}" in result.stdout
    (lines,) = [line.split()[-1] for line in made.stdout.splitlines() if line.startswith("lines")]
    assert f"{events + letters:,}" == lines
    assert "customers (" in result.stdout
    assert "images/" in call("land", "--verbose").stdout

    refused = call("simulate", "--people", 31)
    assert refused.exit_code == 1
    assert "another configuration" in refused.stderr
    assert call(*arguments, "--end-date", "2026-04-01", "--overwrite").exit_code == 0


def test_bulk_events_lie_as_landing_leaves_them(home: Settings) -> None:
    result = call("simulate", "--bulk", 2_000, "--days", 2, "--source", "bulk")
    assert result.exit_code == 0, result.output
    inbox = home.inbox / "bulk"
    inbox.mkdir(parents=True)
    (inbox / "events.jsonl").write_bytes(b'{"messageId": "m1"}\n')
    assert call("land", "--source", "bulk").exit_code == 0
    found = duckdb.execute(
        f"""
        select count(*) > 1000, count(*) filter (message_id = 'm1' and _loaded_at = latest)
        from (
            select *, max(_loaded_at) over () as latest
            from read_parquet('{home.landing}/bulk/events/*/*/events.parquet', union_by_name = true)
        )
        """
    ).fetchall()
    assert found == [(True, 1)]
    assert call("simulate", "--bulk", 2_000, "--people", 3).exit_code == 1


def test_land_exits_with_1_after_landing_what_can_be_landed(home: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "dropped"
    inbox.mkdir()
    (inbox / "events.jsonl").write_bytes(b'{"messageId": "m1"}\n')
    (inbox / "orders.parquet").write_bytes(b"PAR1")
    result = call("land", "--source", "web", "--inbox", inbox)
    assert result.exit_code == 1
    assert "orders.parquet: not a whole Parquet file" in result.stdout
    assert list((home.landing / "web" / "events").glob("*/*/events.parquet"))


def test_an_error_is_one_message_without_a_stack_trace(home: Settings) -> None:
    result = call("land", "--source", "[red]")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The source '[red]' is no fit name")
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_other_exceptions_are_not_swallowed(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("trasos.landing.land", broken)
    assert isinstance(call("land").exception, ZeroDivisionError)
    assert not issubclass(ZeroDivisionError, TrasosError)


def test_publish_and_roll_back(home: Settings) -> None:
    early = call("publish")
    assert early.exit_code == 1
    assert "dbt build" in early.stderr
    mark(home)
    assert "There is no warehouse" in call("publish").stderr
    for rows in (3, 4, 5):
        build(home, rows)
        result = call("publish", "--keep", 2)
        assert result.exit_code == 0, result.output
        assert "dim_product" in result.stdout
    older, newer = versions(home.published)
    assert "Nothing new: " in call("publish").stdout
    assert older.name in call("publish", "--rollback").stdout
    assert current(home.published) == older
    assert older.name in call("publish").stdout  # says that the link is held back
    assert call("publish", "--rollback", "--to", newer.name).exit_code == 0
    assert current(home.published) == newer
    assert call("publish", "--to", older.name).exit_code == 1


def test_publish_finds_the_manifest_where_it_is_said_to_be(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(home, 1)
    mark(home, "elsewhere")
    assert call("publish", "--manifest", "elsewhere/manifest.json").exit_code == 0
    monkeypatch.setenv("DBT_TARGET_PATH", str(home.home / "elsewhere"))
    assert "Nothing new" in call("publish").stdout


def test_the_installed_command_runs(home: Settings) -> None:
    command = Path(sys.executable).with_name("trasos")
    if not command.exists():
        pytest.skip("the package is not installed here; `make install` does it")
    # From anywhere, also where the tests are run from a tree that is on the path only.
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    result = subprocess.run(
        [command, "land", "--source", "shop"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert result.returncode == 1
    assert result.stderr.startswith(f"Error: There is no inbox folder {home.inbox}/shop")
    assert "Traceback" not in result.stderr
