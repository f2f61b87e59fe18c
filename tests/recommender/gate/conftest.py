"""One trial of a small shop with tastes, its own model beside one of ten days ago."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.facade import Snapshot
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.contender import Contender
from trasos.recommender.gate.ground import Ground
from trasos.recommender.gate.trial import Trial
from trasos.recommender.params import RecommenderParams
from trasos.recommender.split import Split, split_as_tuned

PARAMS = RecommenderParams(als_factors=16, bootstrap_resamples=500)
BOUNDS = GateBounds()


def days_ago(log: InteractionLog, days: float) -> InteractionLog:
    """The log as it was."""
    earlier, _ = log.before(log.last_at + 1 - int(days * SECONDS_A_DAY)).with_own_persons()
    return earlier


def trained(log: InteractionLog, catalogue: Catalogue, artefacts: Path) -> str:
    """Train and evaluate a version; its name."""
    snapshot = Snapshot(log, catalogue, PARAMS, artefacts)
    snapshot.evaluation()
    return snapshot.trained().version.model_version


def trial(log: InteractionLog, catalogue: Catalogue, artefacts: Path) -> Trial:
    everyone = np.arange(log.n_persons, dtype=np.int32)
    return Trial(log, catalogue, PARAMS, BOUNDS, artefacts, everyone)


@pytest.fixture(scope="session")
def shelf(
    log: InteractionLog, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Artefacts with a model of today and one of ten days ago; do not write into it."""
    artefacts = tmp_path_factory.mktemp("shelf") / "artefacts"
    trained(days_ago(log, 10), catalogue, artefacts)
    trained(log, catalogue, artefacts)
    return artefacts


@pytest.fixture(scope="session")
def newest(log: InteractionLog, catalogue: Catalogue, shelf: Path) -> str:
    return trained(log, catalogue, shelf)


@pytest.fixture(scope="session")
def older(log: InteractionLog, catalogue: Catalogue, shelf: Path) -> str:
    return trained(days_ago(log, 10), catalogue, shelf)


@pytest.fixture(scope="session")
def split(log: InteractionLog, catalogue: Catalogue) -> Split:
    found = split_as_tuned(log, catalogue, PARAMS, PARAMS.test_days)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def ground(split: Split) -> Ground:
    return Ground.of(split, PARAMS, BOUNDS)


@pytest.fixture(scope="session")
def good(
    log: InteractionLog, catalogue: Catalogue, shelf: Path, newest: str, split: Split
) -> Contender:
    """Today's model."""
    return trial(log, catalogue, shelf).contender(newest, split)
