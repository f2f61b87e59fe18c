from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from tests.model_runs.conftest import BASE
from trasos.cli import app
from trasos.model_runs import reading
from trasos.model_runs.records import kept_runs
from trasos.settings import Settings


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["experiment", *arguments])
    return done.exit_code, done.output


@pytest.fixture
def small_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "base_params", lambda artefacts: (BASE, None))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_from_a_space_to_a_comparison(
    home: Settings, quick: None, small_base: None, tmp_path: Path
) -> None:
    file = tmp_path / "space.yaml"
    file.write_text("als_factors: [4, 6]\n")
    code, said = call("run", "factors", "--space", str(file), "--trials", "3", "--test")
    assert code == 0, said
    assert "nobody serves" in said
    assert "NDCG@10" in said and "nothing: the base" in said and "als_factors 4" in said
    assert "2 configuration(s) were judged on the test days" in said or "is the base" in said
    picture = home.artefacts / "runs/factors/runs.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    code, said = call("compare", "factors-001", "factors-002")
    assert code == 0 and "hit_rate@20" in said and "95% interval" in said
    code, said = call("list")
    assert code == 0 and "factors-003" in said
    assert len(kept_runs(home.artefacts)) >= 3


def test_what_is_wrong_is_one_line(home: Settings, small_base: None, tmp_path: Path) -> None:
    for arguments, wanted in (
        (("run", "No Name"), "names no experiment"),
        (("run", "x", "--set", "als_factors=0"), "must lie in [1, 4096]"),
        (("run", "x", "--trials", "0"), "Search parameter trials is 0"),
        (("run", "x", "--trials", "5"), "there is none: give --space"),
        (("compare", "x-001", "x-002"), "There is no run 'x-001'"),
    ):
        code, said = call(*arguments)
        assert code == 1 and wanted in said, said
    code, said = call("list")
    assert code == 0 and "No run is kept" in said
    assert not kept_runs(home.artefacts)


def test_nothing_published_says_what_to_do(home: Settings) -> None:
    home.published.unlink()
    code, said = call("run", "x")
    assert code == 1 and "run `dbt build`, then `trasos publish`" in said
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("create table something (x integer)")
    code, said = call("run", "x")
    assert code == 1 and "cannot be read for ftr_interaction_events" in said


def test_every_run_failed_is_said(
    home: Settings, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        reading, "base_params", lambda artefacts: (replace(BASE, test_days=400), None)
    )
    code, said = call("run", "long")
    assert code == 1 and "Every run failed" in said and "400 days of test" in said
    (kept,) = kept_runs(home.artefacts)
    assert kept.run.status == "failed"


def test_the_base_is_what_serves(home: Settings) -> None:
    from trasos.model_runs.reading import base_params, changes, published_data
    from trasos.recommender.artefacts import train_or_load
    from trasos.recommender.gate.pointer import move

    assert base_params(home.artefacts)[1] is None
    version = train_or_load(*published_data(home.published), BASE, home.artefacts)
    move(home.artefacts, version.folder.name, "by hand", "For a test.")
    assert base_params(home.artefacts) == (BASE, version.folder.name)
    defaults = type(BASE)()
    assert set(changes(BASE, defaults)) == {
        name for name, value in asdict(BASE).items() if value != asdict(defaults)[name]
    }
