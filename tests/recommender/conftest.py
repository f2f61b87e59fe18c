from __future__ import annotations

import pytest

from tests.recommender.factory import Shop, simulate
from trasos.recommender.data import Catalogue, InteractionLog


@pytest.fixture(scope="session")
def tasteful() -> Shop:
    """A shop whose people have tastes within their department."""
    return simulate(taste=0.8)


@pytest.fixture(scope="session")
def tasteless() -> Shop:
    """A shop whose people pick at random within their department."""
    return simulate(taste=0.0, seed=1)


@pytest.fixture(scope="session")
def catalogue(tasteful: Shop) -> Catalogue:
    return Catalogue.from_arrow(tasteful.products)


@pytest.fixture(scope="session")
def log(tasteful: Shop, catalogue: Catalogue) -> InteractionLog:
    return InteractionLog.from_arrow(tasteful.interactions, catalogue)
