from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.recommender.gate.conftest import BOUNDS, PARAMS
from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.gate.comparison import comparison, gain
from trasos.recommender.gate.contender import Contender
from trasos.recommender.gate.criterion import Criterion
from trasos.recommender.gate.exposure import overlaps
from trasos.recommender.gate.ground import Ground, product_slices
from trasos.recommender.split import Split


def judged(
    ours: Contender, theirs: Contender, ground: Ground | None, age: float = 0
) -> dict[str, Criterion]:
    """The criteria by name, the champion being so many days old."""
    newest = theirs.trained_through + int(age * SECONDS_A_DAY)
    rows = comparison(ours, theirs, ground, PARAMS, BOUNDS, newest)
    return {each.rule.name: each for each in rows}


def with_items(contender: Contender, items: np.ndarray) -> Contender:
    assert contender.rehearsal is not None
    return replace(contender, rehearsal=replace(contender.rehearsal, items=items))


def test_the_interval_of_a_gain_is_that_of_the_paired_difference() -> None:
    rng = np.random.default_rng(0)
    champion = rng.uniform(0, 0.2, 4000)
    challenger = champion * 1.1 + rng.normal(0, 0.01, 4000)
    found = gain(challenger, champion, PARAMS)
    difference = (challenger - champion) / champion.mean()
    width = 1.96 * difference.std() / np.sqrt(4000)
    assert found.value == pytest.approx(difference.mean())
    assert found.high - found.low == pytest.approx(2 * width, rel=0.1)
    assert found.low < 0.1 < found.high or found.value == pytest.approx(0.1, abs=0.01)


def test_the_intervals_of_slices_are_wider() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 0.2, (500, 2))
    one, four = (gain(values[:, 0], values[:, 1], PARAMS, n) for n in (1, 4))
    assert four.low < one.low < one.high < four.high
    assert four.value == one.value


def test_a_champion_without_a_hit_makes_no_division_by_zero() -> None:
    found = gain(np.full(50, 0.2), np.zeros(50), PARAMS)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2))


def noisy(items: np.ndarray) -> np.ndarray:
    """Every second person's list turned round, which helps some and harms others."""
    turned = items.copy()
    turned[::2] = turned[::2, ::-1]
    return turned


def test_the_burden_of_proof_turns_with_the_age_of_the_champion(
    good: Contender, ground: Ground
) -> None:
    assert good.rehearsal is not None
    items = good.rehearsal.items
    # Lists a little worse on some of the persons: neither as good nor worse can be shown.
    swapped = items.copy()
    swapped[:8] = items[np.arange(8)[::-1] + 20]
    other = with_items(good, swapped)
    fresh = judged(other, good, ground, age=BOUNDS.fresh_days)["ndcg"]
    aged = judged(other, good, ground, age=BOUNDS.fresh_days + 0.1)["ndcg"]
    assert fresh.low == aged.low and fresh.high == aged.high
    assert fresh.low is not None and fresh.high is not None
    assert fresh.low < -BOUNDS.ndcg_margin < fresh.high
    assert not fresh.is_passed and "stays unless" in fresh.reason
    assert aged.is_passed and "goes unless" in aged.reason
    # What is shown to be worse does not get past an old champion either.
    assert not judged(with_items(good, noisy(items)), good, ground, age=20)["ndcg"].is_passed


def test_a_slice_has_to_be_shown_worse_and_by_more_than_its_margin(
    good: Contender, ground: Ground
) -> None:
    assert good.rehearsal is not None
    items = good.rehearsal.items.copy()
    heavy = np.arange(60)
    ground = replace(ground, persons={**ground.persons, "heavy": np.arange(len(items)) < 60})
    items[heavy, :10] = -1
    worse = judged(with_items(good, items), good, ground)["ndcg_heavy"]
    assert not worse.is_passed and worse.value == pytest.approx(-1)
    few = good.rehearsal.items.copy()
    few[heavy[:2], :10] = -1
    barely = judged(with_items(good, few), good, ground)["ndcg_heavy"]
    assert barely.is_passed
    assert barely.value is not None and -BOUNDS.slice_margin < barely.value < 0


def test_the_tail_is_guarded_by_what_counts_as_relevant(good: Contender, ground: Ground) -> None:
    assert good.rehearsal is not None
    without = good.rehearsal.items.copy()
    without[ground.products["tail"][without]] = -1
    rows = judged(with_items(good, without), good, ground)
    assert not rows["ndcg_tail"].is_passed
    assert rows["ndcg_tail"].value == pytest.approx(-1)
    # Everybody of this shop has met every product: there is nothing cold to be judged by.
    assert rows["ndcg_cold"].is_passed and rows["ndcg_cold"].value is None
    assert rows["ndcg_cold"].reason == "Not judged: 0 person(s)."


def test_cold_and_tail_part_the_products(split: Split) -> None:
    seen = split.seen.tolil()
    seen[:, :5] = 0
    few = replace(split, seen=seen.tocsr())
    found = product_slices(few, 0.2)
    assert np.flatnonzero(found["cold"]).tolist() == [0, 1, 2, 3, 4]
    assert not (found["cold"] & found["tail"]).any()
    n_met = np.diff(few.seen.tocsc().indptr)
    assert n_met[found["tail"]].sum() <= 0.2 * n_met.sum()
    assert n_met[found["tail"]].max() <= n_met[~found["tail"] & ~found["cold"]].min()


def test_without_evidence_a_fresh_champion_stays_and_an_old_one_goes(
    good: Contender, ground: Ground
) -> None:
    for missing in (
        judged(good, good, None),
        judged(good, replace(good, rehearsal=None), ground),
    ):
        assert not missing["ndcg"].is_passed
        assert "stays while it is fresh" in missing["ndcg"].reason
    assert judged(good, good, None, age=8)["ndcg"].is_passed


def test_a_champion_that_saw_the_test_is_no_measure(good: Contender, ground: Ground) -> None:
    assert good.rehearsal is not None
    saw = replace(good, rehearsal=replace(good.rehearsal, trained_through=ground.split.split_at))
    rows = judged(good, saw, ground)
    assert not rows["champion_rehearsed_before_test"].is_passed
    assert judged(good, good, ground)["champion_rehearsed_before_test"].is_passed


def test_overlaps_count_products_in_common() -> None:
    ours = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]], np.int32)
    theirs = np.array([[4, 3, 2, 1], [1, 9, 8, 7], [5, 6, 7, 8]], np.int32)
    assert overlaps(ours, theirs).tolist() == [1.0, 0.25, 0.0]
