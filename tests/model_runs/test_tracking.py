"""What MLflow is told, by a double that takes down the calls, and by MLflow itself where it is."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from tests.model_runs.conftest import Make
from tests.recommender.factory import Shop
from trasos import recommender
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.model_runs import tracking
from trasos.model_runs.experiment import SearchParams
from trasos.model_runs.records import Kept, Run, keep
from trasos.model_runs.served_model import Lists, asked
from trasos.model_runs.space import Space
from trasos.model_runs.tracking import Tracker, tracker_from_env
from trasos.recommender.artefacts import train_or_load
from trasos.settings import Settings


class TroubleError(Exception):
    """Stands for MlflowException."""


class Double:
    """Takes down what MLflow's client is told; answers searches by tag from it."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.open: dict[str, Any] | None = None
        self.is_away = False
        self.exceptions = SimpleNamespace(MlflowException=TroubleError)
        self.models = SimpleNamespace(ModelSignature=lambda inputs: ("signature", inputs))
        self.types = SimpleNamespace(ColSpec=lambda kind, name: (kind, name), Schema=tuple)
        self.pyfunc = SimpleNamespace(log_model=self._log_model)

    def set_tracking_uri(self, uri: str) -> None:
        self.uri = uri

    def set_experiment(self, name: str) -> None:
        if self.is_away:
            raise TroubleError("connection refused\nand pages more")
        self.experiment = name

    @contextmanager
    def start_run(self, run_name: str | None = None, run_id: str | None = None) -> Any:
        if run_id is None:
            run = {"id": str(len(self.runs)), "name": run_name, "experiment": self.experiment}
            self.runs.append({**run, "tags": {}, "pictures": [], "models": []})
            run_id = run["id"]
        self.open = self.runs[int(run_id)]
        yield None
        self.open = None

    def search_runs(self, experiment_names: list[str], filter_string: str, **_: Any) -> list[Any]:
        return [
            SimpleNamespace(
                info=SimpleNamespace(run_id=run["id"]), data=SimpleNamespace(tags=run["tags"])
            )
            for run in self.runs
            if run["experiment"] in experiment_names
            and all(
                f"'{run['tags'][name]}'" in filter_string
                for name in ("trasos.run_id", "trasos.started_at")
            )
        ]

    def log_params(self, params: dict[str, Any]) -> None:
        self.open["params"] = params

    def log_metrics(self, metrics: dict[str, float]) -> None:
        self.open["metrics"] = metrics

    def set_tags(self, tags: dict[str, str]) -> None:
        self.open["tags"].update(tags)

    def end_run(self, status: str) -> None:
        self.open["status"] = status

    def log_artifact(self, path: str) -> None:
        self.open["pictures"].append((Path(path).name, Path(path).read_bytes()))

    def _log_model(self, **given: Any) -> Any:
        self.open["models"].append(given)
        return SimpleNamespace(model_uri="models:/m-1")


@pytest.fixture
def runs(make: Make, quick: None) -> list[Kept]:
    return make().run(Space({}, {"als_factors": 4}), SearchParams())


def test_a_run_is_told_of_once_with_all_that_is_kept(runs: list[Kept]) -> None:
    double = Double()
    tracker = Tracker(double, "file:///somewhere")
    assert tracker.send(runs) == 2 and tracker.send(runs) == 0 and tracker.send([]) == 0
    assert double.uri == "file:///somewhere"
    base, told = double.runs
    assert (told["name"], told["experiment"], told["status"]) == (
        "try-002",
        "trasos/try",
        "FINISHED",
    )
    kept = runs[1]
    assert told["params"] == json.loads(kept.run.parameters)
    figure = kept.figure()
    assert figure is not None
    assert told["metrics"]["warm/blend/ndcg_10"] == figure["value"]
    assert told["metrics"]["warm/blend/ndcg_10.low"] == figure["ci_low"]
    assert told["metrics"]["warm/blend/coverage_20"] > 0
    assert "warm/blend/coverage_20.low" not in told["metrics"]
    assert told["metrics"]["cpu_seconds"] == 0.5
    assert told["tags"]["trasos.data_snapshot"] == kept.run.data_snapshot
    assert json.loads(told["tags"]["trasos.changed"]) == {"als_factors": 4}
    assert json.loads(base["tags"]["trasos.changed"]) == {}
    # Names that MLflow and its file store take.
    assert not [name for name in told["metrics"] if set(name) - NAME]


NAME = set("abcdefghijklmnopqrstuvwxyz0123456789_-./ ")


def test_a_failed_run_is_told_of_as_failed(runs: list[Kept], make: Make) -> None:
    experiment = make()
    about = {**vars(runs[1].run), "number": 9, "status": "failed", "error": "Too much."}
    failed = Run(**{**about, "cpu_seconds": None, "peak_memory_bytes": None, "ground": None})
    keep(experiment.artefacts, failed, None, None)
    double = Double()
    empty = runs[1].metrics.slice(0, 0)
    Tracker(double, "x").send([Kept(failed, empty)])
    (told,) = double.runs
    assert (told["status"], told["metrics"]) == ("FAILED", {})
    assert told["tags"]["trasos.error"] == "Too much."


def test_the_model_is_the_artefact_and_no_person(runs: list[Kept], make: Make) -> None:
    double, experiment = Double(), make()
    tracker = Tracker(double, "x")
    tracker.send(runs)
    assert tracker.send_model(experiment, runs[1], b"picture") == "models:/m-1"
    told = double.runs[1]
    (model,) = told["models"]
    folder = Path(model["artifacts"]["artefact"])
    assert folder.parent == experiment.artefacts
    assert told["tags"]["trasos.model_version"] == folder.name
    assert json.loads((folder / "manifest.json").read_text())["parameters"]["als_factors"] == 4
    assert Path(model["python_model"]).name == "served_model.py"
    assert model["signature"] == ("signature", (("string", "person_id"),))
    assert "input_example" not in model
    assert told["pictures"] == [("runs.png", b"picture")]
    # The same again is no second model.
    assert tracker.send_model(experiment, runs[1], b"picture") == "models:/m-1"
    assert len(told["models"]) == 1


def test_a_server_that_is_away_is_one_sentence(runs: list[Kept]) -> None:
    double = Double()
    double.is_away = True
    with pytest.raises(NotReadyError, match=r"http://x did not take it: connection refused The r"):
        Tracker(double, "http://x").send(runs)
    double.is_away = False
    assert Tracker(double, "http://x").send(runs) == 2


def test_mlflow_is_asked_for_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracker_from_env() is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(tracking.importlib, "import_module", missing)
    with pytest.raises(ConfigurationError, match=r"pip install 'trasos\[mlflow\]'"):
        tracker_from_env()


@pytest.fixture
def artefact(make: Make, home: Settings) -> Path:
    experiment = make(artefacts=home.artefacts)
    given = experiment.log, experiment.catalogue, experiment.base, home.artefacts
    return train_or_load(*given).folder


def test_the_served_lists_are_the_artefacts(artefact: Path, shop: Shop) -> None:
    people = ["person-00003", "nobody", "person-00001", "person-00003"]
    answers = Lists(artefact).of(people)
    assert [answer["person_id"] for answer in answers] == people
    table = recommender.recommendations(
        shop.interactions,
        shop.products,
        json.loads((artefact / "manifest.json").read_text())["parameters"],
        artefact.parent,
        pa.table({"person_id": people}),
        pa.table({"model_version": [artefact.name]}),
    ).to_pylist()
    for answer in answers:
        own = [row for row in table if row["person_id"] == answer["person_id"]]
        assert answer["product_ids"] == [row["product_id"] for row in own]
        assert answer["scores"] == [row["score"] for row in own]
        assert len(set(answer["product_ids"])) == 20
    assert set(answers[1]["sources"]) == {"popular"}
    assert {answer["model_version"] for answer in answers} == {artefact.name}
    assert Lists(artefact).of([]) == []


def test_a_question_without_the_column_is_told_how_to_ask() -> None:
    with pytest.raises(InputError, match=r"wants a column person_id, as in.*dataframe_split"):
        asked({"who": ["x"]})


@pytest.fixture
def mlflow() -> Any:
    return pytest.importorskip("mlflow", reason="MLflow is not installed: the extra mlflow")


def test_mlflow_itself_keeps_and_loads_the_model(
    mlflow: Any,
    runs: list[Kept],
    make: Make,
    artefact: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pandas as pd

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    tracker = tracker_from_env()
    assert tracker is not None and tracker.send(runs) == 2 and tracker.send(runs) == 0
    uri = tracker.send_model(make(), runs[1], b"\x89PNG")
    model = mlflow.pyfunc.load_model(uri)
    people = ["person-00003", "nobody"]
    answers = model.predict(pd.DataFrame({"person_id": people}))
    (version,) = {answer["model_version"] for answer in answers}
    assert answers == Lists(make().artefacts / version).of(people)
