"""Random small shops under random rules: what must hold whatever merchandisers write."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.recommender.test_serve import PARAMS, N, everyone, hold, shops
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.rules import NONE, OUTCOMES, Overrides, Rule, Tally
from trasos.recommender.serve import (
    SOURCES,
    Answers,
    for_strangers,
    popular,
    recommend,
    similar,
)

STRANGERS = 3
ACTIONS = st.sampled_from(["ban", "pin", "boost"])
LOOK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Case:
    """A shop, its model, and rules over it."""

    log: InteractionLog
    catalogue: Catalogue
    recommender: Recommender
    rules: tuple[Rule, ...]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    log, catalogue = draw(shops())
    codes = st.integers(0, catalogue.n_products - 1)
    # Few, so that rules meet one another.
    few = st.integers(0, min(4, catalogue.n_products - 1))
    rules = []
    for number in range(draw(st.integers(4, 8))):
        action = draw(ACTIONS)
        most = 1 if action == "pin" else 3
        slot = draw(st.sampled_from(["all", "for_you", "similar", "popular", "session"]))
        about = draw(st.lists(few, min_size=1, max_size=most, unique=True))
        rules.append(
            Rule(
                f"rule{number}",
                action,
                np.array(sorted(about), np.int32),
                slot,
                department=draw(st.none() | st.integers(0, len(catalogue.departments) - 1)),
                beside=draw(st.none() | codes) if slot == "similar" else None,
                position=draw(st.integers(1, N)),
                factor=draw(st.sampled_from([0.1, 0.5, 1.0, 2.0, 10.0])),
            )
        )
    return Case(log, catalogue, fit(log, catalogue, PARAMS, n_threads=1), tuple(rules))


def lists(case: Case, overrides: Overrides) -> dict[str, Answers]:
    """All that is served; strangers' lists are of the slot for_you."""
    shop = case.recommender, case.catalogue, PARAMS
    return {
        "for_you": recommend(
            case.recommender, case.log, case.catalogue, PARAMS, everyone(case.log), overrides
        ),
        "strangers": for_strangers(*shop, STRANGERS, overrides),
        "similar": similar(*shop, overrides),
        "popular": popular(*shop, overrides),
    }


def in_scope(case: Case, slot: str, answers: Answers, rule: Rule) -> np.ndarray:
    """Which lists a rule is about, worked out without the code that applies it."""
    n = len(answers.subjects)
    if rule.slot not in ("all", slot if slot != "strangers" else "for_you"):
        return np.zeros(n, np.bool_)
    departments = {
        "for_you": lambda: case.recommender.in_department.main_department[answers.subjects],
        "strangers": lambda: np.full(n, -1),
        "similar": lambda: case.catalogue.department[answers.subjects],
        "popular": lambda: np.where(answers.subjects == n - 1, -1, answers.subjects),
    }[slot]()
    chosen = np.ones(n, np.bool_) if rule.department is None else departments == rule.department
    return chosen & (answers.subjects == rule.beside) if rule.beside is not None else chosen


@LOOK
@given(cases())
def test_rules_break_no_promise_of_a_list(case: Case) -> None:
    plain, ruled = lists(case, NONE), lists(case, Overrides(case.rules))
    for slot, answers in ruled.items():
        hold(answers, case.catalogue)
        # Whoever has a list without rules has one with them.
        assert answers.subjects.tolist() == plain[slot].subjects.tolist()
        pinned = answers.sources == SOURCES.index("pin")
        assert (answers.rules[pinned] >= 0).all()
    assert not (ruled["similar"].items == ruled["similar"].subjects[:, None]).any()
    orders = case.log.take(case.log.is_type(PARAMS.order_event_types))
    bought = set(zip(orders.person.tolist(), orders.product.tolist(), strict=True))
    for person, items in zip(ruled["for_you"].subjects, ruled["for_you"].items, strict=True):
        assert not bought & {(int(person), int(item)) for item in items}


@LOOK
@given(cases())
def test_every_rule_is_honoured_or_counted_as_not(case: Case) -> None:
    tally = Tally()
    ruled = lists(case, Overrides(case.rules, tally))
    counted = tally.to_table("v").to_pylist()
    for slot, answers in lists(case, Overrides(case.rules)).items():
        assert (answers.items == ruled[slot].items).all()
        assert (answers.rules == ruled[slot].rules).all()
    for rule in case.rules:
        for slot in ("for_you", "similar", "popular"):
            of_rule = [r for r in counted if (r["rule_id"], r["slot"]) == (rule.rule_id, slot)]
            parts = [slot, "strangers"] if slot == "for_you" else [slot]
            meant = {part: in_scope(case, part, ruled[part], rule) for part in parts}
            # Each list that the rule is about is counted once.
            total = sum(row["list_count"] for row in of_rule)
            assert total == sum(int(chosen.sum()) for chosen in meant.values())
            broken = 0
            for part, chosen in meant.items():
                items = ruled[part].items[chosen]
                if rule.action == "pin":
                    broken += int((items[:, rule.position - 1] != rule.products[0]).sum())
                if rule.action == "ban":
                    broken += int(np.isin(items, rule.products).any(axis=1).sum())
            refused = sum(row["list_count"] for row in of_rule if not OUTCOMES[row["outcome"]])
            assert broken <= refused
            if rule.action == "boost":
                assert refused == 0


@settings(LOOK, max_examples=15)
@given(cases(), st.data())
def test_a_higher_factor_never_lowers_a_product(case: Case, data: st.DataObject) -> None:
    item = data.draw(st.integers(0, case.catalogue.n_products - 1))
    bans = tuple(rule for rule in case.rules if rule.action != "boost")
    factors = sorted(
        data.draw(st.lists(st.sampled_from([0.1, 0.5, 1.0, 3.0, 10.0]), min_size=2, max_size=3))
    )
    boost = Rule("zz", "boost", np.array([item], np.int32))
    before: dict[str, np.ndarray] = {}
    for factor in factors:
        ruled = lists(case, Overrides((*bans, replace(boost, factor=factor))))
        for slot, answers in ruled.items():
            found = answers.items == item
            place = np.where(found.any(axis=1), found.argmax(axis=1), N)
            assert (place <= before.get(slot, place)).all()
            before[slot] = place


@LOOK
@given(cases())
def test_rules_of_other_lists_leave_every_bit(case: Case) -> None:
    elsewhere = tuple(replace(rule, slot="session", beside=None) for rule in case.rules)
    plain, ruled = lists(case, NONE), lists(case, Overrides(elsewhere))
    for slot, answers in plain.items():
        assert answers.items.tobytes() == ruled[slot].items.tobytes()
        assert answers.scores.tobytes() == ruled[slot].scores.tobytes()
        assert answers.sources.tobytes() == ruled[slot].sources.tobytes()
        assert (ruled[slot].rules == -1).all()
