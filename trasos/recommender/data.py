"""The catalogue and the log of interactions as sorted arrays, whatever the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Moments
from trasos.recommender.columns import Columns
from trasos.recommender.params import event_type_key

NO_LAUNCH = np.iinfo(np.int64).min
"""Stands for an unknown launch: the product counts as launched since ever."""


@dataclass(frozen=True)
class Catalogue:
    """All products of the shop, sorted by id; a product's code is its position.

    Attributes:
        product_ids: strings, sorted, distinct.
        department: int32 code of each product's department.
        category: int32 code of each product's category within its department.
        brand: int32 code of each product's brand.
        departments: names of the departments by code.
        launched_at: seconds since 1970; ``NO_LAUNCH`` where unknown.
        is_on_sale: whether the product can be bought today.
        price: today's price in the shop's currency; nan where unknown or not above zero.
    """

    product_ids: Any
    department: Codes
    category: Codes
    brand: Codes
    departments: Any
    launched_at: Moments
    is_on_sale: Flags
    price: Doubles

    @property
    def n_products(self) -> int:
        """Number of products."""
        return len(self.product_ids)

    @classmethod
    def from_arrow(cls, products: Any) -> Catalogue:
        """Read the table of products.

        Args:
            products: columns product_id, department, category, brand, launched_at (null: unknown),
                is_on_sale and price (null: unknown); others are left alone, the models do not use
                them.

        Raises:
            InputError: no rows, a column missing or of another type, or a product_id twice.
        """
        columns = Columns(products, "products")
        ids = columns.texts("product_id")
        order = pc.sort_indices(ids)
        sorted_ids = ids.take(order)
        n_distinct = len(pc.unique(ids))
        if n_distinct != len(ids):
            raise InputError(
                f"products.product_id has {len(ids) - n_distinct:,} duplicate(s): "
                "one row a product is wanted."
            )
        department_names = columns.texts("department", nulls=True).fill_null("")
        category_names = pc.binary_join_element_wise(
            department_names, columns.texts("category", nulls=True).fill_null(""), "\x1f"
        )
        departments, department = _encode(department_names)
        _, category = _encode(category_names)
        _, brand = _encode(columns.texts("brand", nulls=True).fill_null(""))
        rows = order.to_numpy()
        price = columns.numbers("price")
        return cls(
            product_ids=sorted_ids,
            department=department[rows],
            category=category[rows],
            brand=brand[rows],
            departments=departments,
            launched_at=columns.moments("launched_at", null=NO_LAUNCH)[rows],
            is_on_sale=columns.flags("is_on_sale")[rows],
            price=np.where(price > 0, price, np.nan)[rows],
        )


@dataclass(frozen=True)
class InteractionLog:
    """Interactions in the order of time, ids replaced by codes.

    Rows are sorted by (event_at, person, session, product, event type, weight): the same rows in
    any order give the same log, and "all before a moment" is a slice.

    Attributes:
        person_ids: strings, sorted, distinct; a person's code is its position.
        n_products: products of the catalogue that the product codes point into.
        event_types: names by code, sorted, spelt as ``event_type_key`` spells them.
        person: int32 codes.
        product: int32 codes into the catalogue.
        session: int64 codes; -1 for an event outside any session.
        event_type: int32 codes.
        event_at: whole seconds since 1970, UTC.
        weight: float32, the base weight of the event's type, without decay.
        n_unknown_products: events left out because their product is not in the catalogue.
    """

    person_ids: Any
    n_products: int
    event_types: tuple[str, ...]
    person: Codes
    product: Codes
    session: Moments
    event_type: Codes
    event_at: Moments
    weight: Floats
    n_unknown_products: int = 0

    @property
    def n_persons(self) -> int:
        """Number of persons."""
        return len(self.person_ids)

    @property
    def n_events(self) -> int:
        """Number of interactions."""
        return len(self.person)

    @property
    def last_at(self) -> int:
        """Moment of the last interaction."""
        return int(self.event_at[-1])

    @classmethod
    def from_arrow(cls, interactions: Any, catalogue: Catalogue) -> InteractionLog:
        """Read the table of interactions.

        Args:
            interactions: columns person_id, product_id, session_id (null: outside any session),
                event_type, event_at (UTC) and weight (> 0).
            catalogue: the products that may occur.

        Raises:
            InputError: no rows, a column missing or of another type, nulls, weights that are not
                positive, or no event of a known product.
        """
        columns = Columns(interactions, "interactions")
        weight = columns.numbers("weight")
        bad = ~(np.isfinite(weight) & (weight > 0))
        if bad.any():
            raise InputError(
                f"interactions.weight is not a positive number in {int(bad.sum()):,} rows: "
                "see the seed with the weights of event types."
            )
        product = pc.index_in(columns.texts("product_id"), value_set=catalogue.product_ids)
        is_known = pc.is_valid(product)
        known = np.flatnonzero(is_known.to_numpy(zero_copy_only=False))
        if len(known) == 0:
            raise InputError(
                "interactions: none of the products is in the table of products; "
                "do both come from the same shop?"
            )
        person_ids, person = _encode(columns.texts("person_id").filter(is_known))
        _, session = _encode(columns.texts("session_id", nulls=True).filter(is_known))
        type_names, raw_type = _encode(columns.texts("event_type").filter(is_known))
        spelt = [event_type_key(name) for name in type_names.to_pylist()]
        event_types = tuple(sorted(set(spelt)))
        event_type = np.array([event_types.index(name) for name in spelt], np.int32)[raw_type]
        unsorted = cls(
            person_ids=person_ids,
            n_products=catalogue.n_products,
            event_types=event_types,
            person=person,
            product=product.drop_null().to_numpy().astype(np.int32),
            session=session.astype(np.int64),
            event_type=event_type,
            event_at=columns.moments("event_at")[known],
            weight=weight[known].astype(np.float32),
            n_unknown_products=len(product) - len(known),
        )
        return unsorted.take(
            np.lexsort(
                (
                    unsorted.weight,
                    unsorted.event_type,
                    unsorted.product,
                    unsorted.session,
                    unsorted.person,
                    unsorted.event_at,
                )
            )
        )

    def take(self, rows: Any) -> InteractionLog:
        """The log of these rows (positions, flags or a slice), persons unchanged."""
        return replace(
            self,
            person=self.person[rows],
            product=self.product[rows],
            session=self.session[rows],
            event_type=self.event_type[rows],
            event_at=self.event_at[rows],
            weight=self.weight[rows],
        )

    def before(self, moment: int) -> InteractionLog:
        """The interactions strictly before a moment (seconds), persons unchanged."""
        return self.take(slice(0, int(np.searchsorted(self.event_at, moment, side="left"))))

    def from_moment(self, moment: int) -> InteractionLog:
        """The interactions at or after a moment (seconds), persons unchanged."""
        return self.take(slice(int(np.searchsorted(self.event_at, moment, side="left")), None))

    def with_own_persons(self) -> tuple[InteractionLog, Codes]:
        """The same rows with only the persons that occur in them.

        Returns:
            The log, and for every old person code the new one, -1 where the person has no row.
        """
        present = np.unique(self.person)
        codes = np.full(self.n_persons, -1, np.int32)
        codes[present] = np.arange(len(present), dtype=np.int32)
        ids = self.person_ids.take(pa.array(present, pa.int64()))
        return replace(self, person_ids=ids, person=codes[self.person]), codes

    def is_type(self, names: tuple[str, ...]) -> Flags:
        """Which rows are of one of these event types, spelt as ``event_type_key`` spells them."""
        by_code = np.array([name in names for name in self.event_types], np.bool_)
        return by_code[self.event_type]


def _encode(texts: Any) -> tuple[Any, Codes]:
    """Sorted distinct values and each row's position among them; -1 for null."""
    values = pc.unique(texts).drop_null()
    values = values.take(pc.sort_indices(values))
    codes = pc.index_in(texts, value_set=values, skip_nulls=True).fill_null(-1)
    return values, codes.to_numpy(zero_copy_only=False).astype(np.int32)
