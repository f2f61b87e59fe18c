"""The criteria: what each asks, and what came of it as a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from trasos.recommender.gate.bounds import GateBounds

INVARIANT, COMPARISON = "invariant", "comparison"


@dataclass(frozen=True)
class Rule:
    """What a criterion asks for.

    Attributes:
        name: of the criterion.
        kind: ``INVARIANT``, which no model may break, or ``COMPARISON`` with the champion.
        measures: what its value is.
        holds: the bound in words, with names of ``GateBounds`` in braces.
    """

    name: str
    kind: str
    measures: str
    holds: str

    def bound(self, bounds: GateBounds) -> str:
        """The bound in words and numbers."""
        return self.holds.format(**asdict(bounds))


@dataclass(frozen=True)
class Criterion:
    """What came of one criterion.

    Attributes:
        rule: what was asked.
        value: measured; None where there was nothing to measure.
        low: lower end of its interval; None where it has none.
        high: upper end.
        is_passed: whether the bound holds.
        reason: in words.
    """

    rule: Rule
    value: float | None
    low: float | None
    high: float | None
    is_passed: bool
    reason: str


_RULES = (
    Rule("full_lists", INVARIANT, "lists that are missing or short", "none"),
    Rule("no_duplicates", INVARIANT, "lists that name a product twice", "none"),
    Rule("known_products", INVARIANT, "lists with what is no product of the catalogue", "none"),
    Rule("on_sale", INVARIANT, "lists with a product that is not on sale", "none"),
    Rule(
        "nothing_barred",
        INVARIANT,
        "lists with a product that the person bought, or that the list is about",
        "none",
    ),
    Rule("finite_scores", INVARIANT, "lists with a score that is no finite number", "none"),
    Rule("falling_scores", INVARIANT, "lists with a score above the one before it", "none"),
    Rule(
        "several_brands",
        INVARIANT,
        "slots whose lists all together show one brand",
        "none, where {many_brands} brands or more are on sale",
    ),
    Rule(
        "model_age",
        INVARIANT,
        "days from the last interaction it learnt from to the newest of all",
        "at most {max_age_days:g}",
    ),
    Rule(
        "rehearsed_before_test",
        INVARIANT,
        "days of the test that the rehearsal learnt from, as its manifest says",
        "none",
    ),
    Rule(
        "remembers_no_test",
        INVARIANT,
        "products chosen in the test that the rehearsal holds as met by the person",
        "none",
    ),
    Rule(
        "not_too_good",
        INVARIANT,
        "NDCG@10 in the test over that on the days before it, which the blend was tuned on",
        "interval not wholly above {max_gain:g}",
    ),
    Rule(
        "champion_rehearsed_before_test",
        COMPARISON,
        "days of the test that the champion's rehearsal learnt from",
        "none",
    ),
    Rule(
        "ndcg",
        COMPARISON,
        "NDCG@10 over all judged persons, gain over the champion as a share of the champion's",
        "champion of up to {fresh_days:g} days: interval from -{ndcg_margin:g} up; "
        "older: interval not wholly below that",
    ),
    *(
        Rule(
            f"ndcg_{name}",
            COMPARISON,
            f"the same for {who}",
            "not below -{slice_margin:g}, unless its interval, widened for four slices, reaches 0",
        )
        for name, who in (
            ("warm", "persons with history"),
            ("heavy", "persons who met many products"),
            ("cold", "products that nobody met before the test"),
            ("tail", "the tail, the least met products"),
        )
    ),
    Rule(
        "coverage",
        COMPARISON,
        "share of what is on sale that stands in a list, over the champion's",
        "at least {min_coverage:g}",
    ),
    Rule(
        "evenness",
        COMPARISON,
        "1 - Gini of exposure, over the champion's",
        "at least {min_evenness:g}",
    ),
    Rule(
        "overlap",
        COMPARISON,
        "mean share of a person's first ten that the champion's first ten hold too",
        "at least {min_overlap:g}",
    ),
)

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _RULES}
"""All criteria by name, in the order in which they are judged."""


def counted(name: str, count: int, reason: str) -> Criterion:
    """A criterion that tolerates none."""
    return Criterion(RULES[name], float(count), None, None, count == 0, reason)


def not_judged(name: str, reason: str) -> Criterion:
    """A criterion that there is nothing to judge by; it stands in nobody's way."""
    return Criterion(RULES[name], None, None, None, True, f"Not judged: {reason}.")
