"""Every bad model that is planted is turned down, by the criterion that is there for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.recommender.gate.conftest import BOUNDS, PARAMS, trial
from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.gate.contender import Contender, Lists, Rehearsal
from trasos.recommender.gate.decision import FIRST, KEPT, PROMOTED, REFUSED, Decision, decide
from trasos.recommender.gate.ground import Ground
from trasos.recommender.gate.trial import alone, beside
from trasos.recommender.judge import lists_of
from trasos.recommender.serve import recommend
from trasos.recommender.split import Split


@pytest.fixture
def gate(log: InteractionLog, catalogue: Catalogue, ground: Ground) -> Any:
    """Judge a contender beside another one, or alone."""

    def judge(challenger: Contender, champion: Contender | None = None) -> Decision:
        given = ground, catalogue, PARAMS, BOUNDS, log.last_at
        criteria = alone(challenger, *given)
        if champion is not None and all(each.is_passed for each in criteria):
            criteria += beside(challenger, champion, *given)
        return decide("new", champion and "old", criteria, log.last_at)

    return judge


def failed(decision: Decision) -> set[str]:
    return {each.rule.name for each in decision.criteria if not each.is_passed}


def with_lists(contender: Contender, slot: str, **changes: Any) -> Contender:
    served = tuple(
        replace(lists, **changes) if lists.slot == slot else lists for lists in contender.served
    )
    return replace(contender, served=served)


def rehearsed(contender: Contender) -> Rehearsal:
    assert contender.rehearsal is not None
    return contender.rehearsal


def with_rehearsal(contender: Contender, **changes: Any) -> Contender:
    return replace(contender, rehearsal=replace(rehearsed(contender), **changes))


def for_you(contender: Contender) -> Lists:
    return contender.slot("for_you")


def test_a_sound_model_breaks_nothing_and_is_the_first(good: Contender, gate: Any) -> None:
    decision = gate(good)
    assert failed(decision) == set()
    assert decision.outcome == FIRST
    assert all(each.value == 0 for each in decision.criteria[:8])


def test_an_equal_model_passes(good: Contender, gate: Any) -> None:
    decision = gate(good, good)
    assert decision.outcome == PROMOTED, decision.reason
    by_name = {each.rule.name: each for each in decision.criteria}
    assert by_name["ndcg"].value == by_name["ndcg"].low == by_name["ndcg"].high == 0
    assert by_name["overlap"].value == by_name["coverage"].value == 1


def improved(items: Any, ground: Ground, every: int) -> Any:
    """Lists in which each so-many-th person finds one more relevant product, in tenth place."""
    better = items.copy()
    for row in range(0, len(items), every):
        wanted = ground.split.relevant[[row]].indices
        missing = np.setdiff1d(wanted, items[row, :10])
        if len(missing):
            better[row, 9] = missing[0]
    return better


def test_a_slightly_better_model_passes(good: Contender, gate: Any, ground: Ground) -> None:
    better = with_rehearsal(good, items=improved(rehearsed(good).items, ground, 6))
    decision = gate(better, good)
    by_name = {each.rule.name: each for each in decision.criteria}
    assert 0 < by_name["ndcg"].value < 0.1
    assert decision.outcome == PROMOTED, decision.reason


def test_a_slightly_worse_model_is_not_shown_to_be_as_good(
    good: Contender, gate: Any, ground: Ground
) -> None:
    better = with_rehearsal(good, items=improved(rehearsed(good).items, ground, 6))
    decision = gate(good, better)
    assert decision.outcome == KEPT
    assert "ndcg" in failed(decision)


def test_shuffled_lists_are_kept_out(good: Contender, gate: Any) -> None:
    turn = np.random.default_rng(3).permutation(len(rehearsed(good).items))
    decision = gate(with_rehearsal(good, items=rehearsed(good).items[turn]), good)
    assert decision.outcome == KEPT
    assert {"ndcg", "ndcg_warm", "ndcg_tail"} <= failed(decision)


def test_shuffled_lists_that_are_served_are_refused(good: Contender, gate: Any) -> None:
    turn = np.random.default_rng(3).permutation(len(for_you(good).items))
    decision = gate(with_lists(good, "for_you", items=for_you(good).items[turn]), good)
    assert decision.outcome == REFUSED
    assert failed(decision) == {"nothing_barred"}


def test_popularity_alone_does_not_replace_a_good_champion(
    good: Contender,
    gate: Any,
    log: InteractionLog,
    catalogue: Catalogue,
    ground: Ground,
    split: Split,
) -> None:
    now, then = (only_popular(fit(part, catalogue, PARAMS)) for part in (log, split.train))
    lists = recommend(now, log, catalogue, PARAMS, for_you(good).subjects)
    popular = with_rehearsal(good, items=lists_of(then.blend, then, split).items)
    popular = with_lists(popular, "for_you", items=lists.items, scores=lists.scores)
    decision = gate(popular, good)
    assert decision.outcome == KEPT
    assert {"ndcg", "ndcg_warm", "coverage", "evenness"} <= failed(decision)
    # The other way round it is so much better that only people should let it in.
    assert failed(gate(good, popular)) == {"overlap"}


def only_popular(model: Recommender) -> Recommender:
    """The same list for everyone, but for what each has met."""
    rows = len(model.in_department.by_department)
    everywhere = np.repeat(model.popular.popularity[None, :], rows, axis=0)
    return replace(
        model,
        in_department=replace(model.in_department, by_department=everywhere),
        tuning=replace(model.tuning, weights=(0.0, 0.0, 1.0)),
    )


def test_a_model_of_sixty_days_ago_is_refused(good: Contender, gate: Any) -> None:
    stale = replace(good, trained_through=good.trained_through - 60 * SECONDS_A_DAY)
    decision = gate(stale, good)
    assert decision.outcome == REFUSED
    assert failed(decision) == {"model_age"}
    assert "60.0 days" in decision.reason


@pytest.fixture(scope="module")
def leaked(good: Contender, catalogue: Catalogue, split: Split, log: InteractionLog) -> Contender:
    """Its rehearsal was fitted on the test as well, for the persons that training knows."""
    ids = log.person_ids.to_pylist()
    known = np.isin(ids, split.train.person_ids.to_pylist())
    rows = log.take(known[log.person])
    together, _ = rows.with_own_persons()
    assert together.person_ids.equals(split.train.person_ids)
    model = fit(together, catalogue, PARAMS)
    return with_rehearsal(
        good,
        items=lists_of(model.blend, model, split).items,
        met=model.covisitation.history[split.persons],
        trained_through=together.last_at,
    )


def test_a_model_that_learnt_from_the_test_is_refused(
    leaked: Contender, good: Contender, gate: Any
) -> None:
    decision = gate(leaked, good)
    assert decision.outcome == REFUSED
    assert {"rehearsed_before_test", "remembers_no_test"} <= failed(decision)


def test_a_leak_is_found_in_its_memory_whatever_its_manifest_says(
    leaked: Contender, good: Contender, gate: Any
) -> None:
    lying = with_rehearsal(leaked, trained_through=rehearsed(good).trained_through)
    assert gate(lying, good).outcome == REFUSED
    assert "remembers_no_test" in failed(gate(lying, good))
    assert "rehearsed_before_test" not in failed(gate(lying, good))


def test_a_model_too_good_to_be_true_is_refused_whatever_it_holds(
    good: Contender, gate: Any, ground: Ground
) -> None:
    """Nothing but its lists gives it away: they begin with what each person chose."""
    items = rehearsed(good).items.copy()
    for row in range(len(items)):
        wanted = ground.split.relevant[[row]].indices[:10]
        rest = items[row][~np.isin(items[row], wanted)]
        items[row] = np.concatenate([wanted, rest])[: items.shape[1]]
    decision = gate(with_rehearsal(good, items=items), good)
    assert decision.outcome == REFUSED
    assert failed(decision) == {"not_too_good"}


@pytest.mark.parametrize("slot", ["for_you", "similar", "popular"])
def test_truncated_lists_are_refused(good: Contender, gate: Any, slot: str) -> None:
    lists = good.slot(slot)
    holed = lists.items.copy()
    holed[3, -1] = -1
    for changes, count in (
        ({"items": lists.items[:, :-1], "scores": lists.scores[:, :-1]}, len(lists.items)),
        ({"items": holed}, 1),
        ({"n_wanted": lists.n_wanted + 2}, 2),
    ):
        decision = gate(with_lists(good, slot, **changes), good)
        assert decision.outcome == REFUSED
        assert failed(decision) == {"full_lists"}
        assert f"{count:,} of {slot}" in decision.reason


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_is_refused(good: Contender, gate: Any, number: float) -> None:
    scores = for_you(good).scores.copy()
    scores[5, 7] = number
    decision = gate(with_lists(good, "for_you", scores=scores), good)
    assert decision.outcome == REFUSED
    assert "finite_scores" in failed(decision)


def test_scores_that_rise_are_refused(good: Contender, gate: Any) -> None:
    turned = for_you(good).scores[:, ::-1].copy()
    assert failed(gate(with_lists(good, "for_you", scores=turned))) == {"falling_scores"}


def test_one_brand_only_is_refused(good: Contender, gate: Any, catalogue: Catalogue) -> None:
    lists = for_you(good)
    own = np.flatnonzero(catalogue.brand == 2)[:20].astype(np.int32)
    items = np.repeat(own[None, :], len(lists.items), axis=0)
    nothing = lists.barred.copy()
    nothing.data[:] = 0
    nothing.eliminate_zeros()
    decision = gate(with_lists(good, "for_you", items=items, barred=nothing))
    assert decision.outcome == REFUSED
    assert failed(decision) == {"several_brands"}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda items: items[:, [0, *range(19)]], "no_duplicates"),
        (lambda items: np.where(items == items[0, 0], 160, items), "known_products"),
        (lambda items: np.where(items == items[0, 0], -2, items), "known_products"),
    ],
)
def test_other_broken_lists_are_refused(good: Contender, gate: Any, change: Any, name: str) -> None:
    decision = gate(with_lists(good, "for_you", items=change(for_you(good).items)))
    assert failed(decision) == {name}


def test_products_off_sale_and_bought_ones_are_refused(
    good: Contender, gate: Any, catalogue: Catalogue, ground: Ground, log: InteractionLog
) -> None:
    gone = catalogue.is_on_sale.copy()
    gone[for_you(good).items[0, 0]] = False
    shut = replace(catalogue, is_on_sale=gone)
    criteria = alone(good, ground, shut, PARAMS, BOUNDS, log.last_at)
    assert [each.rule.name for each in criteria if not each.is_passed] == ["on_sale"]
    bought = for_you(good).barred.tolil()
    bought[0, for_you(good).items[0, 3]] = 1
    decision = gate(with_lists(good, "for_you", barred=bought.tocsr()))
    assert failed(decision) == {"nothing_barred"}
    assert "1 of for_you" in decision.reason


def test_lists_that_share_nothing_with_the_champion_wait_for_people(
    good: Contender, gate: Any, log: InteractionLog, catalogue: Catalogue, shelf: Any, newest: str
) -> None:
    chance = trial(log, catalogue, shelf).contender(newest, None).slot("for_you")
    turn = np.random.default_rng(1).permutation(len(chance.items))
    stranger = with_lists(good, "for_you", items=chance.items[turn])
    decision = gate(good, stranger)
    assert failed(decision) == {"overlap"}
    assert decision.outcome == KEPT
