"""Rules over lists small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.recommender.factory import products_table
from trasos.errors import InputError
from trasos.recommender.data import Catalogue
from trasos.recommender.rank import Rung
from trasos.recommender.rules import Overrides, Rule, Scope, Tally, read_rules
from trasos.recommender.rules.placing import Listed

N = 3
MODEL, FALLBACK, PIN = 0, 1, 9
# Six products: the model knows three of them, the fallback all, in the order of their codes.
KNOWN = np.array([0.5, 0.4, 0.3, -np.inf, -np.inf, -np.inf], np.float32)
POPULAR = np.array([6, 5, 4, 3, 2, 1], np.float32)
WOMEN, MEN = 0, 1


def rule(rule_id: str, action: str, *products: int, **given: Any) -> Rule:
    return Rule(rule_id, action, np.array(products, np.int32), **given)


def show(
    *rules: Rule, slot: str = "for_you", barred: int | None = None, off_sale: int | None = None
) -> tuple[Listed, dict[tuple[str, str], tuple[int, int]]]:
    """Two lists, of a woman and a man, under rules; and what was counted of each rule."""
    on_sale = np.ones(6, np.bool_)
    if off_sale is not None:
        on_sale[off_sale] = False
    allowed = np.repeat(on_sale[None, :], 2, axis=0)
    if barred is not None:
        allowed[:, barred] = False
    ladder: list[Rung] = [
        lambda rows: np.broadcast_to(KNOWN, (len(rows), 6)),
        lambda rows: np.broadcast_to(POPULAR, (len(rows), 6)),
    ]
    scope = Scope(slot, np.array([WOMEN, MEN], np.int32), beside=np.array([4, 5], np.int32))
    tally = Tally()
    overrides = Overrides(tuple(sorted(rules, key=lambda each: each.rule_id)), tally)
    ranked = overrides.rank(scope, ladder, allowed, on_sale, N)
    listed = ranked.listed(np.where(ranked.top.rungs == 1, MODEL, FALLBACK), PIN)
    uncounted = Overrides(overrides.rules).rank(scope, ladder, allowed, on_sale, N)
    assert uncounted.top.items.tolist() == ranked.top.items.tolist()
    scores = listed.top.falling_scores()
    assert np.isfinite(scores).all() and (np.diff(scores, axis=1) <= 0).all()
    counted = {
        (row["rule_id"], row["outcome"]): (row["list_count"], row["product_count"])
        for row in tally.to_table("v").to_pylist()
    }
    return listed, counted


def test_without_rules_lists_are_the_models() -> None:
    listed, counted = show()
    assert listed.top.items.tolist() == [[0, 1, 2]] * 2
    assert (listed.rules == -1).all()
    assert counted == {}


def test_a_ban_takes_out_of_every_rung_and_nothing_else_moves() -> None:
    listed, counted = show(rule("ban", "ban", 1, 3))
    assert listed.top.items.tolist() == [[0, 2, 4]] * 2
    assert listed.sources.tolist() == [[MODEL, MODEL, FALLBACK]] * 2
    assert counted == {("ban", "removed"): (2, 2)}


def test_a_ban_that_had_nothing_to_do_says_so() -> None:
    listed, counted = show(rule("ban", "ban", 5))
    assert listed.top.items.tolist() == [[0, 1, 2]] * 2
    assert counted == {("ban", "nothing_to_remove"): (2, 0)}


def test_a_ban_that_would_leave_too_few_is_not_honoured_and_the_narrower_is() -> None:
    listed, counted = show(rule("brand", "ban", 0, 1, 2), rule("product", "ban", 0))
    assert listed.top.items.tolist() == [[3, 4, 5]] * 2
    assert counted == {("brand", "removed"): (2, 4), ("product", "removed"): (2, 2)}
    listed, counted = show(rule("brand", "ban", 0, 1, 2, 3), rule("product", "ban", 0))
    assert listed.top.items.tolist() == [[1, 2, 3]] * 2
    assert counted == {("brand", "too_few_left"): (2, 0), ("product", "removed"): (2, 2)}


def test_a_pin_stands_at_its_place_and_the_rest_keeps_its_order() -> None:
    listed, counted = show(rule("pin", "pin", 5, position=2))
    assert listed.top.items.tolist() == [[0, 5, 1]] * 2
    assert listed.sources.tolist() == [[MODEL, PIN, MODEL]] * 2
    assert listed.rules.tolist() == [[-1, 0, -1]] * 2
    # A pin has the score of what follows it.
    assert listed.top.scores[0].tolist() == pytest.approx([0.5, 0.4, 0.4])
    assert counted == {("pin", "placed"): (2, 2)}


def test_a_pin_of_what_the_model_chose_moves_it() -> None:
    listed, _ = show(rule("pin", "pin", 2, position=1), rule("last", "pin", 0, position=3))
    assert listed.top.items.tolist() == [[2, 1, 0]] * 2
    assert listed.top.scores[0].tolist() == pytest.approx([0.4, 0.4, 0.4])


def test_a_list_of_pins_alone() -> None:
    pins = [rule(f"pin{place}", "pin", 6 - place, position=place) for place in (1, 2, 3)]
    listed, _ = show(*pins)
    assert listed.top.items.tolist() == [[5, 4, 3]] * 2
    assert (listed.sources == PIN).all()


@pytest.mark.parametrize(
    ("given", "slot", "outcome"),
    [
        ({"off_sale": 5}, "for_you", "off_sale"),
        ({"off_sale": 5}, "popular", "off_sale"),
        ({"barred": 5}, "for_you", "bought"),
        ({"barred": 5}, "similar", "same_product"),
    ],
)
def test_a_pin_of_what_may_not_be_shown_is_counted(
    given: dict[str, int], slot: str, outcome: str
) -> None:
    listed, counted = show(rule("pin", "pin", 5, position=1), slot=slot, **given)
    assert listed.top.items.tolist() == [[0, 1, 2]] * 2
    assert counted == {("pin", outcome): (2, 0)}


def test_a_ban_wins_over_a_pin() -> None:
    listed, counted = show(rule("ban", "ban", 5), rule("pin", "pin", 5, position=1))
    assert listed.top.items.tolist() == [[0, 1, 2]] * 2
    assert counted["pin", "banned"] == (2, 0)


def test_of_two_pins_for_one_place_or_of_one_product_the_first_stands() -> None:
    listed, counted = show(
        rule("a", "pin", 5, position=1),
        rule("b", "pin", 4, position=1),
        rule("c", "pin", 5, position=2),
    )
    assert listed.top.items.tolist() == [[5, 0, 1]] * 2
    assert counted["b", "place_taken"] == (2, 0)
    assert counted["c", "already_pinned"] == (2, 0)


def test_a_boost_multiplies_on_each_rung() -> None:
    listed, counted = show(rule("boost", "boost", 2, factor=1.5))
    assert listed.top.items.tolist() == [[0, 2, 1]] * 2
    assert listed.top.scores[0].tolist() == pytest.approx([0.5, 0.45, 0.4])
    assert listed.rules.tolist() == [[-1, 0, -1]] * 2
    assert counted == {("boost", "moved"): (2, 2)}
    # The fallback stays behind what the model knows, however much it is boosted.
    listed, counted = show(rule("boost", "boost", 5, factor=10))
    assert listed.top.items.tolist() == [[0, 1, 2]] * 2
    assert counted == {("boost", "not_moved"): (2, 0)}


def test_a_factor_below_one_holds_back() -> None:
    listed, counted = show(rule("back", "boost", 0, factor=0.5))
    assert listed.top.items.tolist() == [[1, 2, 0]] * 2
    assert counted == {("back", "moved"): (2, 2)}


def test_boosts_of_one_product_multiply_and_the_strongest_signs() -> None:
    rules = rule("a", "boost", 2, factor=1.1), rule("b", "boost", 1, 2, factor=2)
    listed, _ = show(*rules)
    assert listed.top.items.tolist() == [[1, 2, 0]] * 2
    assert listed.top.scores[0].tolist() == pytest.approx([0.8, 0.66, 0.5])
    assert listed.rules.tolist() == [[1, 1, -1]] * 2


def test_however_many_boosts_scores_stay_finite() -> None:
    rules = [rule(f"boost{number:02d}", "boost", 0, factor=10) for number in range(60)]
    listed, _ = show(*rules)
    assert listed.top.scores[0, 0] == pytest.approx(500, rel=1e-5)


def test_a_rule_keeps_to_its_slot_department_and_neighbour() -> None:
    elsewhere = rule("ban", "ban", 0, slot="popular")
    for_session = rule("session", "ban", 0, slot="session")
    listed, counted = show(elsewhere, for_session)
    assert listed.top.items.tolist() == [[0, 1, 2]] * 2
    assert counted == {}
    listed, counted = show(rule("ban", "ban", 0, department=MEN))
    assert listed.top.items.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert counted == {("ban", "removed"): (1, 1)}
    listed, _ = show(rule("pin", "pin", 3, position=1, beside=4), slot="similar")
    assert listed.top.items.tolist() == [[3, 0, 1], [0, 1, 2]]


def test_a_list_for_several_persons_counts_for_each() -> None:
    scope = Scope("for_you", np.array([-1], np.int32), persons_each=7)
    tally = Tally()
    ladder: list[Rung] = [lambda rows: np.broadcast_to(POPULAR, (len(rows), 6))]
    everything = np.ones((1, 6), np.bool_)
    Overrides((rule("ban", "ban", 0),), tally).rank(scope, ladder, everything, everything[0], N)
    (row,) = tally.to_table("v").to_pylist()
    assert (row["list_count"], row["product_count"], row["is_honoured"]) == (7, 7, True)


def rules_table(*rows: dict[str, Any]) -> Any:
    sane = {
        "rule_id": "r",
        "action": "ban",
        "target_type": "product",
        "target_value": "p00001",
        "slot": "all",
        "department": None,
        "beside_product_id": None,
        "position": None,
        "factor": None,
    }
    schema = pa.schema(
        [
            (name, {"position": pa.int32(), "factor": pa.float64()}.get(name, pa.string()))
            for name in sane
        ]
    )
    return pa.Table.from_pylist([sane | row for row in rows], schema=schema)


def read(*rows: dict[str, Any]) -> tuple[Rule, ...]:
    products = products_table(9, n_departments=2)
    # Rows in another order than their ids: codes must follow the ids.
    products = products.take(np.arange(9)[::-1])
    return read_rules(rules_table(*rows), products, Catalogue.from_arrow(products), N)


def test_names_become_codes() -> None:
    product, brand, category = read(
        {"rule_id": "b", "target_type": "brand", "target_value": "b1", "department": "d1"},
        {"rule_id": "c", "action": "boost", "factor": 2.0, "target_type": "category"}
        | {"target_value": "c1"},
        {"rule_id": "a", "action": "pin", "position": 3, "beside_product_id": "p00004"}
        | {"slot": "similar"},
    )
    assert (product.products.tolist(), product.position, product.beside) == ([1], 3, 4)
    assert (brand.products.tolist(), brand.department) == ([1, 8], 1)
    # A category is one name in all departments.
    assert (category.products.tolist(), category.factor) == ([2, 3, 8], 2.0)


def test_no_rules_are_read_from_no_rows() -> None:
    assert read() == ()


@pytest.mark.parametrize(
    "row",
    [
        {"action": "hide"},
        {"target_type": "colour"},
        {"target_value": "p99999"},
        {"department": "d9"},
        {"beside_product_id": "p99999"},
        {"action": "pin"},
        {"action": "pin", "position": 4},
        {"action": "pin", "position": 1, "target_type": "brand", "target_value": "b1"},
        {"action": "boost"},
        {"action": "boost", "factor": 0.0},
    ],
)
def test_a_rule_that_should_have_been_refused_is_an_error(row: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="rule r cannot be followed"):
        read(row)


def test_a_rule_twice_is_an_error() -> None:
    with pytest.raises(InputError, match="names a rule twice"):
        read({}, {})
