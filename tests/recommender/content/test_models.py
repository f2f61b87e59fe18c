"""What follows from content, on shops small enough to work out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from trasos.errors import ConfigurationError, InputError
from trasos.recommender.content import (
    ContentFeatures,
    ContentLift,
    ContentMap,
    ContentNeighbours,
    Mixed,
    Product,
    Spread,
    mapping,
    with_cold_items,
)
from trasos.recommender.models.als import Als
from trasos.recommender.models.popularity import Popular

RED, BLUE = [1.0, 0.0], [0.0, 1.0]
# Products 0 and 1 are red, 2 and 3 blue, 4 is red and met by nobody, of 5 nothing is known.
COLOUR = np.array([RED, RED, BLUE, BLUE, RED, [0.0, 0.0]])
FEATURES = ContentFeatures.of({"colour": COLOUR}, 6)
MET = csr_array(np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 1], [0] * 6], np.float32))
ALLOWED = np.ones((3, 6), np.bool_)
PERSONS = np.array([0, 1, -1], np.int32)


def factors() -> Als:
    """Red lies along the first direction, blue along the second, and the person likes red."""
    items = np.array([[2, 0], [1, 0], [0, 2], [0, 1], [0, 0], [0, 3]], np.float32)
    return Als(np.array([[1, 0], [0, 1], [0, 0]], np.float32), items)


def test_the_map_is_the_weighted_ridge_worked_out_by_hand() -> None:
    weight = np.array([3.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    found = ContentMap.fit(FEATURES, factors().item_factors, weight, ridge=0.5)
    design = np.column_stack([COLOUR[:4], np.ones(4)])
    share = np.diag(weight[:4] / weight[:4].mean())
    solved = np.linalg.solve(
        design.T @ share @ design + 0.5 * np.eye(3),
        design.T @ share @ factors().item_factors[:4].astype(float),
    )
    expected = np.column_stack([COLOUR, np.ones(6)]) @ solved
    expected[5] = 0
    assert found.item_factors == pytest.approx(expected, rel=1e-5)


def test_conjugate_gradients_find_the_same_map(monkeypatch: pytest.MonkeyPatch) -> None:
    weight = np.array([3.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    exact = ContentMap.fit(FEATURES, factors().item_factors, weight, ridge=0.5)
    monkeypatch.setattr(mapping, "EXACT_UP_TO", 0)
    found = ContentMap.fit(FEATURES, factors().item_factors, weight, ridge=0.5)
    assert found.item_factors == pytest.approx(exact.item_factors, rel=1e-4, abs=1e-6)


def test_a_product_that_nobody_met_stands_where_its_kind_does() -> None:
    als, met = factors(), np.array([5.0, 5.0, 5.0, 5.0, 0.0, 1.0])
    content = ContentMap.fit(FEATURES, als.item_factors, met, ridge=1e-6)
    filled = with_cold_items(als, content, met, scale=2.0, prior=0)
    assert (filled.item_factors[:4] == als.item_factors[:4]).all()
    assert (filled.item_factors[5] == als.item_factors[5]).all()
    assert filled.item_factors[4] == pytest.approx([3.0, 0.0], abs=1e-3)
    scores = filled.score_persons(PERSONS, ALLOWED)
    assert scores[0].argmax() == 4 and np.isneginf(scores[2]).all()
    halfway = with_cold_items(als, content, met, scale=2.0, prior=5.0)
    assert halfway.item_factors[0] == pytest.approx([(2 + 3) / 2, 0.0], abs=1e-3)


def test_with_nothing_to_learn_from_nothing_is_mapped() -> None:
    nobody = ContentMap.fit(FEATURES, np.zeros((6, 2), np.float32), np.zeros(6), 1.0)
    unknown = ContentMap.fit(FEATURES.only(), factors().item_factors, np.ones(6), 1.0)
    for found in (nobody, unknown):
        assert not found.item_factors.any()
        kept = with_cold_items(factors(), found, np.zeros(6), 2.0, 1.0)
        assert (kept.item_factors == factors().item_factors).all()


def test_neighbours_know_what_resembles_and_no_more() -> None:
    model = ContentNeighbours.fit(FEATURES, MET)
    scores = model.score_persons(PERSONS, ALLOWED)
    assert scores[0].tolist() == [1, 1, -np.inf, -np.inf, 1, -np.inf]
    assert np.isneginf(scores[2]).all()
    assert model.score_items(np.array([2, 5], np.int32))[0, 3] == 1
    assert np.isneginf(model.score_items(np.array([5], np.int32))).all()


def test_a_lift_is_the_smoothed_share_over_everybodys() -> None:
    model = ContentLift.fit(FEATURES, MET, {"colour": 2.0})
    lift = model.score_persons(PERSONS, ALLOWED)
    # Two red of two; one blue of one; everybody: two and one, with one event spread evenly.
    usual = np.array([2.5, 1.5]) / 4
    first = (np.array([2.0, 0.0]) + 2 * usual) / 4 / usual
    second = (np.array([0.0, 1.0]) + 2 * usual) / 3 / usual
    assert lift[0, [0, 2, 4]] == pytest.approx([first[0], first[1], first[0]])
    assert lift[1, [0, 2]] == pytest.approx(second)
    assert (lift[:, 5] == 1).all()
    assert lift[2] == pytest.approx(np.ones(6))


def test_what_is_known_of_persons_themselves_takes_the_place_of_what_they_met() -> None:
    own = csr_array(np.array([[0.0, 4.0], [0.0, 0.0], [0.0, 0.0]]))
    lift = ContentLift.fit(FEATURES, MET, {"colour": 1.0}, {"colour": own})
    assert lift.score_persons(PERSONS, ALLOWED)[0, 2] > 1


def test_lifts_are_bounded_and_blocks_multiply() -> None:
    blocks = ContentFeatures.of({"colour": COLOUR, "again": COLOUR}, 6)
    one = ContentLift.fit(blocks, MET, {"colour": 2.0}).score_persons(PERSONS, ALLOWED)
    both = ContentLift.fit(blocks, MET, {"colour": 2.0, "again": 2.0})
    assert both.score_persons(PERSONS, ALLOWED) == pytest.approx(one**2)
    many = csr_array(np.vstack([np.eye(1, 6), np.zeros((1, 6))]).astype(np.float32))
    wide = ContentFeatures.of({"kind": np.eye(6, 400)}, 6)
    alone = ContentLift.fit(wide, many, {"kind": 1e-9}).score_persons(
        np.zeros(1, np.int32), ALLOWED[:1]
    )
    assert alone.min() >= 1 / 50 and alone.max() <= 50


def test_each_block_counts_by_its_power() -> None:
    blocks = ContentFeatures.of({"colour": COLOUR, "again": COLOUR}, 6)
    smoothing = {"colour": 2.0, "again": 2.0}
    one = ContentLift.fit(FEATURES, MET, {"colour": 2.0}).score_persons(PERSONS, ALLOWED)
    model = ContentLift.fit(blocks, MET, smoothing, powers={"again": -0.5})
    assert model.score_persons(PERSONS, ALLOWED) == pytest.approx(np.sqrt(one), rel=1e-5)


def test_with_a_least_score_one_part_alone_can_speak_and_another_speak_against() -> None:
    rising = Popular(np.array([4, 2, 0, 2, 0, 8], np.float32))
    usual = Popular(np.array([8, 1, 2, 4, 0, 8], np.float32))
    allowed = ALLOWED.copy()
    allowed[:, 5] = False
    model = Product((rising, usual), (2.0, -1.0), least=0.5)
    scores = model.score_persons(PERSONS, allowed)
    # Shares of the largest that may be shown, each a half more.
    first, second = np.array([1, 0.5, 0, 0.5]) + 0.5, np.array([1, 0.125, 0.25, 0.5]) + 0.5
    assert scores[0, :4] == pytest.approx(first**2 / second)
    assert np.isneginf(scores[:, 4]).all()
    strict = Product((rising, usual), (2.0, 1.0)).score_persons(PERSONS, allowed)
    assert strict[0, [0, 3]].tolist() == [16 * 8, 4 * 4] and np.isneginf(strict[0, 2])


def test_blocks_that_are_no_shares_are_refused() -> None:
    signed = ContentFeatures.of({"words": -COLOUR}, 6)
    with pytest.raises(InputError, match="words holds negative numbers"):
        ContentLift.fit(signed, MET, {"words": 1.0})
    with pytest.raises(ConfigurationError, match="No content block smell"):
        ContentLift.fit(FEATURES, MET, {"smell": 1.0})


def test_ties_are_broken_by_person_and_nothing_else_is() -> None:
    n = 300
    features = ContentFeatures.of({"colour": np.tile(COLOUR[[0, 2]], (n // 2, 1))}, n)
    met = csr_array(np.vstack([np.eye(1, n), np.eye(1, n), np.zeros((1, n))]).astype(np.float32))
    lift = ContentLift.fit(features, met, {"colour": 1.0})
    plain = lift.score_persons(PERSONS, np.ones((3, n), np.bool_))
    spread = Spread(lift, 1)
    scores = spread.score_persons(PERSONS, np.ones((3, n), np.bool_))
    assert spread.name == lift.name
    assert np.abs(scores / plain - 1).max() < 1.1e-3
    order = np.argsort(-scores, axis=1)
    assert (order[:2, : n // 2] % 2 == 0).all()
    assert len(set(order[0, :20]) & set(order[1, :20])) < 10
    alone = spread.score_persons(PERSONS[1:2], np.ones((1, n), np.bool_))
    assert (alone[0] == scores[1]).all()
    beside = spread.score_items(np.array([1], np.int32))
    assert (np.argsort(-beside[0])[: n // 2] % 2 == 1).all()


def test_a_product_of_models_is_zero_where_one_part_is() -> None:
    seen, popular = ContentNeighbours.fit(FEATURES, MET), Popular(np.arange(6, dtype=np.float32))
    found = Product((popular, seen), (2.0, 0.5)).score_persons(PERSONS, ALLOWED)
    assert found[0, [1, 4]].tolist() == [1.0, 16.0]
    assert np.isneginf(found[0, [0, 2, 5]]).all() and np.isneginf(found[2]).all()
    beside = Product((popular, seen), (1.0, 1.0)).score_items(np.array([2], np.int32))
    assert beside[0, 3] == 3.0 and np.isneginf(beside[0, 4])


@pytest.mark.parametrize("share", [0.2, 0.25, 0.4])
def test_every_list_gives_new_products_their_share_from_its_beginning(share: float) -> None:
    n, n_new = 60, 20
    rng = np.random.default_rng(4)
    clicks, content = rng.permutation(n) + 1, rng.permutation(n) + 1
    is_new = np.arange(n) < n_new
    known = Popular(np.where(is_new, 0, clicks).astype(np.float32))
    model = Mixed(known, Popular(content.astype(np.float32)), is_new, share)
    allowed = rng.random((3, n)) < 0.8
    scores = model.score_persons(PERSONS, allowed)
    for row in range(3):
        assert (np.isneginf(scores[row]) == ~allowed[row]).all()
        top = np.argsort(-scores[row])[: allowed[row].sum()]
        for places in range(1, 30):
            assert is_new[top[:places]].sum() == pytest.approx(places * share, abs=1)
        # Each keeps the order of its own model, and where one is at its end the other goes on.
        assert (np.diff(clicks[top[~is_new[top]]]) < 0).all()
        assert (np.diff(content[top[is_new[top]]]) < 0).all()


def test_a_list_is_full_where_one_of_two_models_has_no_opinion() -> None:
    is_new = np.array([False, False, False, False, True, True])
    popular = Popular(np.arange(1, 7, dtype=np.float32))
    nothing = Product((Popular(np.zeros(6, np.float32)),), (1.0,))
    for known, new, there in ((popular, nothing, ~is_new), (nothing, popular, is_new)):
        model = Mixed(known, new, is_new, 0.5)
        scores = model.score_persons(PERSONS, ALLOWED)
        assert (np.isfinite(scores) == there).all()
        beside = model.score_items(np.array([0, 5], np.int32))
        assert np.isneginf(beside[[0, 1], [0, 5]]).all()
        assert (np.argsort(-beside[0])[:1] == [3 if known is popular else 5]).all()


@pytest.mark.parametrize("share", [-1.0, 0.0, 1.0, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    popular = Popular(np.ones(6, np.float32))
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        Mixed(popular, popular, np.zeros(6, np.bool_), share)
