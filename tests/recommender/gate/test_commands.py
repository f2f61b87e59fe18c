"""`trasos model` as people call it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.recommender.gate.conftest import days_ago, trial
from trasos.cli import app
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.gate import succession
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.criterion import counted
from trasos.recommender.gate.decision import decide, keep
from trasos.recommender.gate.pointer import move


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRASOS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "250")
    return tmp_path


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["model", *arguments])


def test_a_shop_without_models_is_told_what_trains_one(home: Path) -> None:
    assert "`dbt build` trains one" in call("list").stdout
    refused = call("rollback")
    assert refused.exit_code == 1
    assert "Error: There is no champion before this one" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_list_promote_and_roll_back(
    home: Path, shelf: Path, log: InteractionLog, catalogue: Catalogue, newest: str, older: str
) -> None:
    artefacts = home / "artefacts"
    shutil.copytree(shelf, artefacts)
    trial(days_ago(log, 10), catalogue, artefacts).settle(older)
    trial(log, catalogue, artefacts).settle(newest)

    done = call("rollback", "--because", "Shoes in every list.")
    assert done.exit_code == 0, done.output
    assert f"{older} is the champion, in place of {newest}" in done.stdout
    shown = call("list").stdout
    (line,) = [line for line in shown.splitlines() if "champion" in line and "│" in line]
    assert older in line and "first" in line
    assert f"rollback: {older} serves. Shoes in every list." in shown

    done = call("promote", newest)
    assert done.exit_code == 0, done.output
    assert succession(artefacts).champion == newest


def test_what_cannot_be_done_is_a_plain_sentence(home: Path, shelf: Path, newest: str) -> None:
    artefacts = home / "artefacts"
    shutil.copytree(shelf, artefacts)
    refused = decide(newest, None, [counted("on_sale", 2, "2 of 9 lists.")], 0)
    keep(artefacts, refused, GateBounds())
    move(artefacts, "gone", "first", "-")
    for arguments, words in (
        (("promote", "nothing"), "There is no model nothing in "),
        (("promote", newest), "The gate refused it: It breaks what no model may break. on_sale"),
        (("promote", newest, "--force"), "needs a reason, which is kept: give --because"),
        (("rollback",), "There is no champion before this one"),
    ):
        result = call(*arguments)
        assert result.exit_code == 1
        assert words in result.stderr
        assert "Traceback" not in result.stderr
    assert succession(artefacts).champion == "gone"
    forced = call("promote", newest, "--force", "--because", "Two lists of nine may wait.")
    assert forced.exit_code == 0, forced.output
    assert "forced" in call("list").stdout
