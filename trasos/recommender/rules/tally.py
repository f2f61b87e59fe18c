"""What became of each rule, counted list by list."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from trasos.recommender.arrays import Flags
from trasos.recommender.rules.rule import FOR_YOU, SESSION, SIMILAR, Rule, Scope

PLACED = "placed"
REMOVED, NOTHING_TO_REMOVE = "removed", "nothing_to_remove"
MOVED, NOT_MOVED = "moved", "not_moved"
OFF_SALE, BANNED, BOUGHT, SAME_PRODUCT = "off_sale", "banned", "bought", "same_product"
ALREADY_PINNED, PLACE_TAKEN, TOO_FEW_LEFT = "already_pinned", "place_taken", "too_few_left"

OUTCOMES = {
    PLACED: True,
    REMOVED: True,
    NOTHING_TO_REMOVE: True,
    MOVED: True,
    NOT_MOVED: True,
    OFF_SALE: False,
    BANNED: False,
    BOUGHT: False,
    SAME_PRODUCT: False,
    ALREADY_PINNED: False,
    PLACE_TAKEN: False,
    TOO_FEW_LEFT: False,
}
"""What can become of a rule in a list, and whether it was honoured there."""

BARRED = {FOR_YOU: BOUGHT, SIMILAR: SAME_PRODUCT, SESSION: SAME_PRODUCT}
"""Why a product that is on sale may not stand in a list, by the slot's own policy."""

ROWS = pa.schema(
    [
        pa.field("rule_id", pa.string(), nullable=False),
        pa.field("slot", pa.string(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("is_honoured", pa.bool_(), nullable=False),
        pa.field("list_count", pa.int64(), nullable=False),
        pa.field("product_count", pa.int64(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
    ]
)


class Tally:
    """Counts of lists and products by rule, slot and outcome.

    Each list that a rule is about is counted once, under one outcome.
    """

    def __init__(self) -> None:
        self._lists: Counter[tuple[str, str, str]] = Counter()
        self._products: Counter[tuple[str, str, str]] = Counter()

    def add(self, rule: Rule, scope: Scope, outcome: str, products: Any) -> None:
        """Count lists that share an outcome.

        Args:
            rule: what was applied.
            scope: the lists' slot; what serves several persons counts for each of them.
            outcome: a key of ``OUTCOMES``.
            products: whole numbers or flags of shape (lists,), the products of each list that were
                placed, taken out or moved; zero where nothing came of it.
        """
        if len(products):
            key = rule.rule_id, scope.slot, outcome
            self._lists[key] += len(products) * scope.persons_each
            self._products[key] += int(products.sum()) * scope.persons_each

    def split(self, rule: Rule, scope: Scope, changed: Flags, outcome: str, otherwise: str) -> None:
        """Count the lists in which something changed, and those in which nothing did.

        Args:
            rule: what was applied.
            scope: see ``add``.
            changed: bool of shape (lists, products).
            outcome: of lists with a change.
            otherwise: of lists without.
        """
        products = changed.sum(axis=1)
        self.add(rule, scope, outcome, products[products > 0])
        self.add(rule, scope, otherwise, products[products == 0])

    def to_table(self, model_version: str) -> Any:
        """The counts, in the order of rule, slot and outcome: ``pyarrow.Table`` of ``ROWS``."""
        rows = [
            {
                "rule_id": rule_id,
                "slot": slot,
                "outcome": outcome,
                "is_honoured": OUTCOMES[outcome],
                "list_count": lists,
                "product_count": self._products[rule_id, slot, outcome],
                "model_version": model_version,
            }
            for (rule_id, slot, outcome), lists in sorted(self._lists.items())
            if lists
        ]
        return pa.Table.from_pylist(rows, schema=ROWS)
