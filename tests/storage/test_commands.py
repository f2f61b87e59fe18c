from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from trasos.cli import app
from trasos.settings import Settings

from .conftest import folders, judge, listing
from .test_retention import DAYS

VARS = Path(__file__).parents[2] / "vars.yml"


@pytest.fixture(autouse=True)
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TRASOS_WAREHOUSE", "TRASOS_PUBLISHED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRASOS_HOME", str(settings.home))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    shutil.copy(VARS, tmp_path)


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["storage", *map(str, arguments)])


@pytest.mark.parametrize("command", [("report",), ("compact", "--apply"), ("retain", "--apply")])
def test_an_empty_home_is_no_error(command: tuple[str, ...], settings: Settings) -> None:
    result = call(*command)
    assert result.exit_code == 0, result.output
    assert not settings.home.exists()


def test_from_report_to_removal(landed: Settings) -> None:
    judge(landed, DAYS)
    assert "landing events" in call("report").stdout
    before = listing(landed.home)
    said = call("compact").stdout
    assert "dry run" in said and "Load days to merge: 3; folders fewer: 15." in said
    said = call("retain", "--landing-days", 30, "--inbox-days", 30).stdout
    assert "dry run" in said and "3 days" in said and "no longer rebuild" in said
    assert "for" in said and listing(landed.home) == before
    said = call("compact", "--apply").stdout
    assert "Load days merged: 3; folders fewer: 15." in said
    assert len(folders(landed)) == 3
    said = call("retain", "--apply", "--landing-days", 30).stdout
    assert "Removed" in said and "63" in said
    assert "nothing" in call("retain", "--landing-days", 30).stdout


def test_the_var_says_what_is_kept(landed: Settings) -> None:
    said = call("retain").stdout
    assert "landing events" in said and "ever" in said and "90 days" in said
    assert "dead letters" in said and "3 days" in said  # of March, long past


def test_unfit_calls_are_told(landed: Settings) -> None:
    result = call("compact", "--source", "nobody")
    assert result.exit_code == 1 and "'nobody'" in result.stderr
    Path("vars.yml").unlink()
    result = call("retain")
    assert result.exit_code == 1 and "retention_days" in result.stderr
    assert call("retain", "--landing-days", 0).exit_code == 2
