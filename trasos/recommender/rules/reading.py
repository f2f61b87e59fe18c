"""Rules as the warehouse hands them over, judged and in force, with codes for names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc

from trasos.errors import InputError
from trasos.recommender.arrays import Codes
from trasos.recommender.columns import Columns
from trasos.recommender.data import Catalogue
from trasos.recommender.rules.rule import BAN, BOOST, PIN, Rule

TARGETS = {"product": "product_id", "brand": "brand", "category": "category"}
"""What a rule can be about, and the column of the products that holds it."""


def read_rules(
    table: Any, products: Any, catalogue: Catalogue, list_length: int
) -> tuple[Rule, ...]:
    """Read the rules that are in force; their dates were looked at where they were judged.

    Args:
        table: ``pyarrow.Table`` with the columns rule_id, action, target_type, target_value, slot,
            department, beside_product_id (both null: all lists), position and factor; no rows
            where there are no rules.
        products: the table that ``catalogue`` was read from.
        catalogue: gives the codes.
        list_length: of every list.

    Returns:
        Rules by rule_id: the order in which their rows stood in the table means nothing.

    Raises:
        InputError: a column is missing or of another type, or a rule is there that should have
            been refused: of an unknown product, brand, category or department, twice, or with a
            position or factor that makes no sense.
    """
    if table.num_rows == 0:
        return ()
    columns = Columns(table, "rules")
    named = {
        name: columns.texts(name, nulls=name in ("department", "beside_product_id")).to_pylist()
        for name in (
            "rule_id",
            "action",
            "target_type",
            "target_value",
            "slot",
            "department",
            "beside_product_id",
        )
    }
    if len(set(named["rule_id"])) < table.num_rows:
        raise InputError("rules.rule_id names a rule twice: only its newest version counts.")
    departments = catalogue.departments.to_pylist()
    texts = Columns(products, "products")
    rules = []
    for row, (position, factor) in enumerate(
        zip(columns.numbers("position"), columns.numbers("factor"), strict=True)
    ):
        of_row = {name: values[row] for name, values in named.items()}
        action, beside = of_row["action"], of_row["beside_product_id"]
        about = _about(texts, catalogue, of_row["target_type"], of_row["target_value"])
        is_sound = {
            PIN: 1 <= position <= list_length and len(about) == 1,
            BAN: True,
            BOOST: 0 < factor < np.inf,
        }
        department = of_row["department"]
        beside_code = None if beside is None else _about(texts, catalogue, "product", beside)
        if (
            not is_sound.get(action, False)
            or len(about) == 0
            or department not in (None, *departments)
            or (beside_code is not None and len(beside_code) == 0)
        ):
            raise InputError(
                f"rules: the rule {of_row['rule_id']} cannot be followed, since its action, "
                "target, department, position or factor makes no sense. "
                "dim_merchandising_rules refuses such rules: hand over those of it that are in "
                "force, and the products that it was built with."
            )
        rules.append(
            Rule(
                rule_id=of_row["rule_id"],
                action=action,
                products=about,
                slot=of_row["slot"],
                department=None if department is None else departments.index(department),
                beside=None if beside_code is None else int(beside_code[0]),
                position=int(position) if action == PIN else 1,
                factor=float(factor) if action == BOOST else 1.0,
            )
        )
    return tuple(sorted(rules, key=lambda rule: rule.rule_id))


def _about(products: Columns, catalogue: Catalogue, target_type: str, target_value: str) -> Codes:
    """Rising codes of the products that a target names; none where it names nothing known."""
    if target_type not in TARGETS:
        return np.empty(0, np.int32)
    is_meant = pc.equal(products.texts(TARGETS[target_type], nulls=True), target_value)
    ids = products.texts("product_id").filter(is_meant)
    codes = pc.index_in(ids, value_set=catalogue.product_ids).to_numpy(zero_copy_only=False)
    return np.sort(codes).astype(np.int32)
