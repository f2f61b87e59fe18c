"""Some places are drawn for; lists keep their promises, and rows the chance that they had."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from tests.recommender.factory import START, interactions_table, products_table
from trasos.errors import ConfigurationError
from trasos.recommender import exploration
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.exploration import Exploration, ExplorationParams
from trasos.recommender.lists import EXPLORED, Answers
from trasos.recommender.rules import Rule, Scope

N, N_PRODUCTS = 6, 20
NEW = np.array([1, 12, 13, 14, 15], np.int32)
PARAMS = ExplorationParams(share=0.3, places=3, first_place=3)


def plan(**given: Any) -> Exploration:
    department = np.array([0, 0, 0, 1, 1], np.int32)
    return Exploration(NEW, department, 20_000, replace(PARAMS, **given))


def answers(n_lists: int, rules: Any = None) -> Answers:
    """Every list holds products 0 to 5, of which 1 is new."""
    shape = (n_lists, N)
    return Answers(
        subjects=np.arange(n_lists, dtype=np.int32),
        items=np.tile(np.arange(N, dtype=np.int32), (n_lists, 1)),
        scores=np.tile(np.linspace(2, 1, N), (n_lists, 1)),
        sources=np.zeros(shape, np.int32),
        rules=np.full(shape, -1, np.int32) if rules is None else rules,
    )


def met(n_lists: int, *products: int) -> Any:
    ones = np.zeros((n_lists, N_PRODUCTS), np.float32)
    ones[:, list(products)] = 1
    return csr_array(ones)


def explored(
    how: Exploration,
    lists: Answers,
    *,
    seen: Any = None,
    home: int = -1,
    rules: tuple[Rule, ...] = (),
) -> Answers:
    n_lists = len(lists.items)
    homes = np.full(n_lists, home, np.int32)
    names = [f"person-{number}" for number in range(n_lists)]
    seen = met(n_lists) if seen is None else seen
    return how.apply(lists, names, seen, homes, rules, Scope("for_you", homes))


def test_nothing_changes_where_nothing_is_explored() -> None:
    lists = answers(50)
    for how in (plan(share=0.0), replace(plan(), new=NEW[:0]), plan(first_place=N + 1)):
        found = explored(how, lists)
        assert (found.items == lists.items).all() and (found.sources == lists.sources).all()
        assert (found.propensity == 1).all()


def test_a_product_stands_at_its_place_as_often_as_its_propensity_says() -> None:
    """Horvitz and Thompson: weighed by one over the propensity, each product counts as often."""
    n_lists = 20_000
    found = explored(plan(), answers(n_lists))
    assert found.propensity is not None
    wanted = [2, 3, 4]
    assert (found.items[:, [0, 1, 5]] == [0, 1, 5]).all()
    may = [12, 13, 14, 15]
    for place in wanted:
        for product, chance in [(place, 0.7), *((code, 0.3 / 4) for code in may)]:
            there = found.items[:, place] == product
            assert found.propensity[there, place] == pytest.approx(chance)
            standing = there.sum() / n_lists
            assert abs(standing - chance) < 5 * np.sqrt(chance * (1 - chance) / n_lists)
    pairs = (found.items[:, 2] == 12) & (found.items[:, 3] == 13)
    assert abs(pairs.mean() - 0.3 * 0.3 / 12) < 0.005


def test_lists_keep_their_promises() -> None:
    lists = answers(500)
    found = explored(plan(share=1.0), lists, seen=met(500, 15))
    assert found.propensity is not None
    assert all(len(set(row)) == N for row in found.items.tolist())
    drawn = found.sources == EXPLORED
    assert drawn.sum() == 500 * 3
    assert set(found.items[drawn].tolist()) == {12, 13, 14}
    assert (found.scores == lists.scores).all()
    assert found.propensity[drawn] == pytest.approx(1 / 3)


def test_the_new_of_a_persons_own_department_go_first() -> None:
    at_home = explored(plan(share=1.0), answers(300), home=1)
    assert set(at_home.items[at_home.sources == EXPLORED].tolist()) == {14, 15}
    # Two products for three places: the last is left as it is, for certain.
    assert at_home.propensity is not None
    assert (at_home.items[:, 4] == 4).all() and (at_home.propensity[:, 4] == 1).all()
    nothing_new = explored(plan(share=1.0), answers(300), home=7)
    drawn = nothing_new.items[nothing_new.sources == EXPLORED]
    assert set(drawn.tolist()) == {12, 13, 14, 15}


def test_what_rules_say_holds() -> None:
    placed = np.full((200, N), -1, np.int32)
    placed[:, 3] = 0
    bans = (
        Rule("everywhere", "ban", np.array([12], np.int32)),
        Rule("elsewhere", "ban", np.array([13], np.int32), slot="similar"),
        Rule("at home", "ban", np.array([14], np.int32), department=1),
        Rule("boosted", "boost", np.array([15], np.int32), factor=2.0),
    )
    found = explored(plan(share=1.0), answers(200, placed), rules=bans)
    assert (found.items[:, 3] == 3).all()
    assert set(found.items[found.sources == EXPLORED].tolist()) == {13, 14, 15}
    women = explored(plan(share=1.0), answers(200), rules=bans, home=1)
    assert set(women.items[women.sources == EXPLORED].tolist()) == {15}


def test_the_draw_hangs_on_person_and_day_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = answers(400)
    once = explored(plan(), lists)
    assert (explored(plan(), lists).items == once.items).all()
    assert (explored(replace(plan(), day=20_001), lists).items != once.items).any()
    assert (explored(plan(seed=8), lists).items != once.items).any()
    monkeypatch.setattr(exploration, "batches", lambda n, _: (slice(k, k + 1) for k in range(n)))
    assert (explored(plan(), lists).items == once.items).all()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 8), st.integers(1, 8), st.floats(0, 1), st.sets(st.integers(0, 19)),
    st.sets(st.integers(0, 19), max_size=6),
)  # fmt: skip
def test_any_plan_keeps_lists_whole(
    places: int, first: int, share: float, new: set[int], seen: set[int]
) -> None:
    codes = np.array(sorted(new), np.int32)
    params = ExplorationParams(share=share, places=places, first_place=first)
    how = Exploration(codes, codes % 2, 1, params)
    lists = answers(9)
    found = explored(how, lists, seen=met(9, *seen), home=1)
    assert found.propensity is not None
    assert all(len(set(row)) == N for row in found.items.tolist())
    changed = found.items != lists.items
    assert (changed == (found.sources == EXPLORED)).all()
    assert set(found.items[changed].tolist()) <= new - seen
    assert changed.sum(axis=1).max() <= places and not changed[:, : first - 1].any()
    assert ((found.propensity > 0) & (found.propensity <= 1)).all() or share == 1.0


def test_new_is_what_was_launched_of_late_and_few_met() -> None:
    def day(number: float) -> int:
        return (START + int(number * 86_400)) * 1_000_000

    launched = [None, day(10), day(85), day(85), day(88), day(88)]
    table = products_table(
        6,
        launched_at=pa.array(launched, pa.timestamp("us")),
        is_on_sale=[True, True, True, False, True, True],
    )
    catalogue = Catalogue.from_arrow(table)
    rows = [(f"u{k}", "p00004", f"s{k}", "product_viewed", 89.0) for k in range(3)]
    rows += [("u0", "p00005", "s9", "product_viewed", 89.0)] * 5
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    params = ExplorationParams(share=0.5, new_days=7, new_persons=3)
    how = Exploration.plan(log, catalogue, params)
    assert how.new.tolist() == [2, 5]
    assert how.day == (START + 89 * 86_400) // 86_400


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Exploration parameter share"):
        ExplorationParams(share=1.5)
