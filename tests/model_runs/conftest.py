"""A small shop, its runs on disk, and the same published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.recommender.factory import Shop, simulate
from trasos.errors import TrasosError
from trasos.model_runs import experiment as module
from trasos.model_runs.experiment import Experiment
from trasos.model_runs.judging import judge_configuration
from trasos.model_runs.worker import Attempt, Task
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.settings import Settings

BASE = RecommenderParams(
    als_factors=8, als_iterations=2, bootstrap_resamples=100, tuning_persons=40
)

Make = Callable[..., Experiment]


@pytest.fixture(scope="session")
def shop() -> Shop:
    return simulate(n_persons=150, n_products=60, n_events=5_000)


@pytest.fixture(scope="session")
def catalogue(shop: Shop) -> Catalogue:
    return Catalogue.from_arrow(shop.products)


@pytest.fixture(scope="session")
def log(shop: Shop, catalogue: Catalogue) -> InteractionLog:
    return InteractionLog.from_arrow(shop.interactions, catalogue)


@pytest.fixture
def artefacts(tmp_path: Path) -> Path:
    return tmp_path / "artefacts"


@pytest.fixture
def make(log: InteractionLog, catalogue: Catalogue, artefacts: Path) -> Make:
    def experiment(name: str = "try", **changes: object) -> Experiment:
        given = {"log": log, "catalogue": catalogue, "base": BASE, "artefacts": artefacts}
        return Experiment(name, **{**given, **changes})  # type: ignore[arg-type]

    return experiment


JUDGED: dict[tuple[str, str], Attempt] = {}


def at_once(task: Task) -> Attempt:
    """As ``worker.attempt``, without a process of its own, and of the session's log but once."""
    key = task.params.to_json(), task.held_out
    if key not in JUDGED:
        JUDGED[key] = _judged(task)
    return JUDGED[key]


def _judged(task: Task) -> Attempt:
    try:
        judged = judge_configuration(
            task.log, task.catalogue, task.params, task.held_out, task.objective
        )
    except TrasosError as error:
        return Attempt(None, str(error), 0.5, 1000)
    return Attempt(judged, None, 0.5, 1000)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "attempt", at_once)


@pytest.fixture
def home(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home in which the shop is published, and nobody serves."""
    monkeypatch.setenv("TRASOS_HOME", str(tmp_path))
    settings = Settings(home=tmp_path)
    settings.published.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.published)) as connection:
        for name, table in (
            ("ftr_interaction_events", shop.interactions),
            ("dim_products", shop.products),
        ):
            connection.register("given", table)
            connection.execute(f"create table {name} as from given")
            connection.unregister("given")
    return settings
