"""The rentals' protocol on the real data, half a year before the test, which stays untouched."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.recommender.cold import Case, difference
from bench.recommender.cold_report import RENTALS, read_results
from bench.recommender.rent_the_runway import (
    TEST_FROM,
    VALIDATION_FROM,
    cases,
    measure,
    newcomers,
)
from bench.recommender.rent_the_runway_data import DATA, FOLDS, Rentals, read
from bench.recommender.rent_the_runway_models import BLOCKS, PEOPLE, Fitted, Settings
from bench.recommender.rent_the_runway_powers import learnt_powers
from trasos.errors import InputError

SINCE = VALIDATION_FROM[-1]


@pytest.fixture(scope="module")
def rentals() -> Rentals:
    if not DATA.exists() and not os.environ.get("CI"):
        pytest.skip(f"The rentals are not here ({DATA}): set TRASOS_DATA to their folder.")
    return read(DATA)


@pytest.fixture(scope="module")
def case(rentals: Rentals) -> Case:
    return next(cases(rentals, SINCE, TEST_FROM))


@pytest.fixture(scope="module")
def fitted(rentals: Rentals, case: Case) -> Fitted:
    kept: dict[str, Any] = dict(read_results()[RENTALS]["settings"])
    settings = Settings(
        **{name: tuple(v) if isinstance(v, list) else v for name, v in kept.items()}
    )
    return Fitted.fit(case, rentals, settings, sizes=True)


def test_the_data_are_those_published(rentals: Rentals) -> None:
    assert rentals.log.n_events == 192_544
    assert rentals.catalogue.n_products == 5_850


def test_every_dress_is_cold_once_and_nothing_of_it_is_learnt(rentals: Rentals) -> None:
    found = list(cases(rentals, SINCE, TEST_FROM, n=FOLDS))
    times_cold = sum(case.cold.astype(int) for case in found)
    assert (times_cold == found[0].candidates).all()
    for case in found:
        assert not case.cold[case.train.product].any()
        assert case.train.last_at < SINCE


def test_a_dress_of_later_has_no_size(rentals: Rentals) -> None:
    late = newcomers(rentals, SINCE, TEST_FROM)
    assert late.cold.sum() > 500
    settings = Settings(als_factors=2)
    unsized = Fitted.fit(late, rentals, settings, sizes=False).features
    assert "size" not in unsized.names
    # Of who rents a dress nothing is known before anybody did.
    assert not unsized.only(*PEOPLE).known[late.cold].any()
    sized = Fitted.fit(late, rentals, settings, sizes=True).features
    assert not sized.only("size").known[late.cold].any()


@pytest.mark.slow
def test_the_hybrid_finds_more_cold_dresses_than_content_alone(fitted: Fitted, case: Case) -> None:
    values = {
        name: case.values(case.lists(ladder))
        for name, ladder in fitted.ladders().items()
        if name in ("popular", "content", "hybrid")
    }
    against_content = difference(values["hybrid"], values["content"])
    against_popular = difference(values["hybrid"], values["popular"])
    print(f"cold {against_content['cold']}, warm {against_popular['warm']}")
    assert against_content["cold"]["recall"][0] > 0
    assert against_popular["warm"]["recall"][1] > -0.01
    cold = values["popular"][:, 1, 0]
    assert not cold[~np.isnan(cold)].any()


@pytest.mark.slow
def test_sizes_tell_of_the_cut_and_not_of_how_often_a_dress_was_rented(
    rentals: Rentals, case: Case, fitted: Fitted
) -> None:
    past = rentals.log.before(case.as_of)
    rows = past.session[case.cold[past.product]]
    size = rentals.said["size"].copy()
    # As many rentals a dress as before, and sizes that say nothing.
    size[rows] = np.random.default_rng(5).permutation(size[rows])
    shuffled = replace(rentals, said=rentals.said | {"size": size})
    blind = Fitted.fit(case, shuffled, fitted.settings, sizes=True)
    values = [case.values(case.lists((f.hybrid(), f.popular))) for f in (fitted, blind)]
    lost = difference(*values)["cold"]["recall"]
    print(f"sizes as they are minus shuffled: {lost}")
    assert lost[1] > 0


@pytest.mark.slow
def test_powers_are_learnt_from_warm_dresses_alone(fitted: Fitted) -> None:
    clicks, lifts = learnt_powers([fitted])
    assert len(clicks) == len(fitted.settings.clicks) and len(lifts) == len(BLOCKS)
    # What rises counts for a dress, what rose long ago against it, and every likeness for it.
    assert clicks[0] > 0 > clicks[1] and min(lifts) > 0
    relevant = fitted.case.relevant.copy()
    relevant.data[fitted.case.cold[relevant.indices]] = 0
    relevant.eliminate_zeros()
    without = replace(fitted, case=replace(fitted.case, relevant=relevant))
    assert learnt_powers([without]) == (clicks, lifts)


def test_missing_data_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="set TRASOS_DATA"):
        measure(tmp_path)
