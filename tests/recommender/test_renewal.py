"""Whose list is made anew: of whom something changed, and of nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.recommender.factory import Shop
from tests.recommender.rules.test_rules import rules_table
from trasos import recommender
from trasos.errors import ConfigurationError, InputError
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.renewal import LISTS, histories

PARAMS = {"als_factors": "8", "als_iterations": "2", "ranking": "never", "list_length": "10"}
DAY = dt.timedelta(days=1)
#: Within the day of the last interaction, so that no list is due by age.
SOON = 2 / 86_400


@dataclass(frozen=True)
class Serving:
    """A shop whose champion answers: lists under changes of what it answers from."""

    shop: Shop
    artefacts: Path
    champion: Any
    persons: Any

    def lists(self, **changed: Any) -> Any:
        given = {
            "interactions": self.shop.interactions,
            "products": self.shop.products,
            "params": PARAMS,
            "artefacts": self.artefacts,
            "persons": self.persons,
            "champion": self.champion,
            "max_age_days": 30,
        }
        return recommender.recommendations(**(given | changed))

    def after(self, *, days: float, who: str | None, times: int = 3) -> Any:
        """Interactions and some more of one person, or of nobody, and a passer-by's at the end."""
        table = self.shop.interactions
        last = pc.max(table["event_at"]).as_py()
        rows = table.slice(0, times + 1)
        people = [who or "passer-by"] * times + ["passer-by"]
        at = [last + days * DAY] * (times + 1)
        rows = rows.set_column(0, "person_id", pa.array(people))
        rows = rows.set_column(4, "event_at", pa.array(at, pa.timestamp("us")))
        return pa.concat_tables([table, rows])


@pytest.fixture(scope="module")
def serving(tasteful: Shop, tmp_path_factory: pytest.TempPathFactory) -> Serving:
    artefacts = tmp_path_factory.mktemp("renewal")
    given = tasteful.interactions, tasteful.products, PARAMS, artefacts
    ids = pc.unique(tasteful.interactions["person_id"])
    persons = pa.table({"person_id": pa.concat_arrays([ids, pa.array(["stranger"])])})
    recommender.train(*given)
    recommender.judgement(*given, persons, {})
    return Serving(tasteful, artefacts, recommender.champion(artefacts), persons)


@pytest.fixture(scope="module")
def first(serving: Serving) -> Any:
    return serving.lists()


def renewed(before: Any, after: Any) -> set[str]:
    """Persons with history whose lists were made at another moment than before."""
    moments = dict(zip(before["person_id"].to_pylist(), before["as_of"].to_pylist(), strict=True))
    rows = zip(after["person_id"].to_pylist(), after["as_of"].to_pylist(), strict=True)
    return {who for who, at in rows if moments.get(who) != at} - {"stranger"}


def test_nothing_new_changes_nothing(serving: Serving, first: Any) -> None:
    assert first.schema == LISTS
    for age in (0, 30):
        before = serving.lists(max_age_days=age)
        assert serving.lists(standing=before, max_age_days=age).equals(before)
    assert len(pc.unique(first["person_id"])) == serving.persons.num_rows


def test_who_did_something_gets_a_new_list_and_all_others_keep_theirs(
    serving: Serving, first: Any
) -> None:
    who = _people(first)[7]
    later = serving.after(days=SOON, who=who)
    second = serving.lists(interactions=later, standing=first)
    assert renewed(first, second) == {who}
    anew = serving.lists(interactions=later)
    own, same = (table.filter(pc.equal(table["person_id"], who)) for table in (second, anew))
    # A list that is renewed is the one of a full build; BLAS sums a smaller batch otherwise.
    assert own.drop_columns(["score"]).equals(same.drop_columns(["score"]))
    assert own["score"].to_numpy() == pytest.approx(same["score"].to_numpy(), rel=1e-6)
    others = [
        pc.invert(pc.is_in(table["person_id"], pa.array([who, "stranger"])))
        for table in (first, second)
    ]
    assert first.filter(others[0]).equals(second.filter(others[1]))
    assert second["person_id"].equals(anew["person_id"])


def test_at_age_zero_every_list_follows_all_data(serving: Serving) -> None:
    before = serving.lists(max_age_days=0)
    later = serving.after(days=SOON, who=None)
    assert serving.lists(interactions=later, standing=before, max_age_days=0).equals(
        serving.lists(interactions=later, max_age_days=0)
    )


@pytest.mark.parametrize("days", [1, 2])
def test_each_day_some_lists_are_due_and_at_their_age_all_were(serving: Serving, days: int) -> None:
    ages = 4
    standing = serving.lists(max_age_days=ages)
    seen: set[str] = set()
    for day in range(days, ages + days, days):
        later = serving.after(days=day, who=None)
        after = serving.lists(interactions=later, standing=standing, max_age_days=ages)
        due = renewed(standing, after)
        share = len(due) / serving.persons.num_rows
        assert 0.5 < share * ages / days < 1.5
        seen |= due
        standing = after
    assert seen == set(_people(standing)) - {"stranger"}


def test_a_list_with_a_product_off_sale_is_renewed(serving: Serving, first: Any) -> None:
    gone = first["product_id"][3].as_py()
    products = serving.shop.products
    on_sale = pc.not_equal(products["product_id"], gone)
    place = products.column_names.index("is_on_sale")
    products = products.set_column(place, "is_on_sale", on_sale)
    later = serving.after(days=SOON, who=None)
    second = serving.lists(interactions=later, products=products, standing=first)
    held = set(first.filter(pc.equal(first["product_id"], gone))["person_id"].to_pylist())
    assert renewed(first, second) == held - {"stranger"}
    assert gone not in second["product_id"].to_pylist()


def test_a_new_product_moves_no_code_into_another_list(serving: Serving, first: Any) -> None:
    """It stands before all others in the catalogue, so that every code is another."""
    products = serving.shop.products
    fresh = products.slice(0, 1).set_column(0, "product_id", pa.array(["a-new-one"]))
    second = serving.lists(
        products=pa.concat_tables([fresh, products]),
        interactions=serving.after(days=SOON, who=None),
        standing=first,
    )
    assert renewed(first, second) == set()


CHANGES: dict[str, Mapping[str, Any]] = {
    "parameters": {"params": PARAMS | {"list_length": "9"}},
    "exploration": {"exploration": {"share": "0.5"}},
    "rules": {"rules": rules_table({"rule_id": "recall", "target_value": "p00001"})},
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_all_lists_hang_on_renews_them_all(serving: Serving, first: Any, what: str) -> None:
    later = serving.after(days=SOON, who=None)
    second = serving.lists(interactions=later, standing=first, **CHANGES[what])
    assert renewed(first, second) == set(_people(first)) - {"stranger"}


def test_who_is_no_longer_asked_about_goes_and_who_is_new_comes(
    serving: Serving, first: Any
) -> None:
    later = serving.after(days=SOON, who=None)
    gone = _people(first)[0]
    ids = [*(who for who in _people(first) if who != gone), "passer-by"]
    second = serving.lists(interactions=later, standing=first, persons=pa.table({"person_id": ids}))
    assert gone not in second["person_id"].to_pylist()
    assert renewed(first, second) == {"passer-by"}


def test_a_broken_list_is_renewed(serving: Serving, first: Any) -> None:
    rows = np.delete(np.arange(first.num_rows), 13)
    later = serving.after(days=SOON, who=None)
    second = serving.lists(interactions=later, standing=first.take(pa.array(rows)))
    assert renewed(first, second) == {first["person_id"][13].as_py()}


def test_what_a_person_did_is_one_number_in_any_order(serving: Serving) -> None:
    catalogue = Catalogue.from_arrow(serving.shop.products)
    table = serving.shop.interactions
    shuffled = table.take(np.random.default_rng(3).permutation(table.num_rows))
    log, same = (InteractionLog.from_arrow(rows, catalogue) for rows in (table, shuffled))
    found = histories(log, catalogue)
    assert (histories(same, catalogue) == found).all()
    assert len(np.unique(found)) == log.n_persons
    # Each column of a row counts.
    for column, value in (
        ("event_type", "product_scrolled"),
        ("product_id", "p00000" if table["product_id"][5].as_py() != "p00000" else "p00001"),
        ("weight", 0.5),
        ("event_at", table["event_at"][5].as_py() + dt.timedelta(seconds=1)),
        ("session_id", "another"),
    ):
        place = table.column_names.index(column)
        values = table[column].to_pylist()
        values[5] = value
        other = InteractionLog.from_arrow(
            table.set_column(place, column, pa.array(values, table.schema.field(column).type)),
            catalogue,
        )
        moved = np.flatnonzero(histories(other, catalogue) != found)
        assert table["person_id"][5].as_py() in log.person_ids.take(pa.array(moved)).to_pylist()


def test_what_cannot_be_read_is_told(serving: Serving, first: Any) -> None:
    with pytest.raises(InputError, match="standing lists has no column basis"):
        serving.lists(standing=first.drop_columns(["basis"]))
    for wrong in (-1, "a week", "1.5"):
        with pytest.raises(ConfigurationError, match=f"list_max_age_days is {wrong}"):
            serving.lists(max_age_days=wrong)


def _people(table: Any) -> list[str]:
    return sorted(set(table["person_id"].to_pylist()))
