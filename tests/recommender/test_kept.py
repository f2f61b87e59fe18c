"""A model over data that it was not fitted on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.recommender.factory import Shop
from trasos.errors import InputError
from trasos.recommender.artefacts import train_or_load
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import fit
from trasos.recommender.folders import write_folder
from trasos.recommender.gate.exposure import overlaps
from trasos.recommender.kept import Kept, carried_over, read_kept
from trasos.recommender.matrix import person_product
from trasos.recommender.models.als import Als, confidence, fold_in
from trasos.recommender.params import RecommenderParams
from trasos.recommender.serve import recommend

PARAMS = RecommenderParams(als_factors=16)


@pytest.fixture(scope="module")
def earlier(log: InteractionLog) -> InteractionLog:
    """The log of a fortnight ago."""
    before, _ = log.before(log.last_at - 14 * 86_400).with_own_persons()
    return before


@pytest.fixture(scope="module")
def kept(
    earlier: InteractionLog, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Kept:
    return train_or_load(earlier, catalogue, PARAMS, tmp_path_factory.mktemp("artefacts")).kept


def test_over_its_own_data_it_is_as_it_was_fitted(
    kept: Kept, earlier: InteractionLog, catalogue: Catalogue
) -> None:
    assert carried_over(kept, earlier, catalogue) is kept.recommender


@pytest.mark.parametrize("solver", ["implicit", "trasos"])
def test_folding_in_solves_the_equations_of_als(
    solver: str, log: InteractionLog, catalogue: Catalogue
) -> None:
    params = replace(PARAMS, als_solver=solver)
    matrix = person_product(log, log.last_at + 1, PARAMS.half_life_days)
    items = Als.fit(matrix, params).item_factors
    found = fold_in(matrix, items, 30.0, params)
    assert (found[-1] == 0).all()
    weights = confidence(matrix, PARAMS.als_alpha)
    for person in (0, 7, 123):
        row = weights[[person]].toarray()[0].astype(np.float64)
        held = items[row > 0].astype(np.float64)
        c = row[row > 0]
        left = items.T.astype(np.float64) @ items + held.T @ (held * (c - 1)[:, None])
        expected = np.linalg.solve(left + 30.0 * np.eye(16), held.T @ c)
        assert found[person] == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_what_it_learnt_about_products_follows_them_to_another_place(
    kept: Kept, log: InteractionLog, tasteful: Shop, catalogue: Catalogue
) -> None:
    """One product is gone, two are new, and one of these stands before all others."""
    table = tasteful.products.slice(1)
    new = table.slice(0, 2).set_column(0, "product_id", pa.array(["a first", "z last"]))
    moved = Catalogue.from_arrow(pa.concat_tables([table, new]))
    events = InteractionLog.from_arrow(tasteful.interactions, moved)
    now = carried_over(kept, events, moved)
    same = np.flatnonzero(kept.known(moved) >= 0)
    assert len(same) == 159
    old = kept.known(moved)[same]
    for here, there in (
        (now.popular.popularity[same], kept.recommender.popular.popularity[old]),
        (now.als.item_factors[same], kept.recommender.als.item_factors[old]),
        (
            now.in_department.by_department[:, same],
            kept.recommender.in_department.by_department[:, old],
        ),
    ):
        assert np.array_equal(here, there)
    pairs = now.covisitation.pairs.toarray()
    assert np.array_equal(
        pairs[np.ix_(same, same)], kept.recommender.covisitation.pairs.toarray()[np.ix_(old, old)]
    )
    unknown = np.flatnonzero(kept.known(moved) < 0)
    assert len(unknown) == 2
    assert not now.popular.popularity[unknown].any() and not pairs[unknown].any()
    # Whom the old log did not know is answered all the same, and from what they did.
    persons = np.arange(events.n_persons, dtype=np.int32)
    answers = recommend(now, events, moved, PARAMS, persons)
    assert (answers.items >= 0).all() and len(answers.items) == events.n_persons
    assert not np.isin(answers.items, unknown).any()


def test_a_fortnight_later_its_lists_are_still_those_of_a_fresh_model(
    kept: Kept, log: InteractionLog, catalogue: Catalogue
) -> None:
    persons = np.arange(log.n_persons, dtype=np.int32)
    old, new = (
        recommend(model, log, catalogue, PARAMS, persons).items[:, :10]
        for model in (carried_over(kept, log, catalogue), fit(log, catalogue, PARAMS))
    )
    # By chance it would be one of sixteen.
    assert overlaps(old, new).mean() > 0.5


def test_a_folder_of_another_release_is_told_in_words(tmp_path: Path) -> None:
    write_folder(tmp_path / "v2", {"other.npz": b""}, {})
    with pytest.raises(InputError, match=r"v2 holds no 'model\.npz'.*trasos model promote"):
        read_kept(tmp_path / "v2")
