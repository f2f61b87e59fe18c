"""Features of persons, products and pairs as of a moment, counted by SQL that lies beside.

The same text counts them for training, where the moment lies weeks back, and for serving, where it
is now: no feature can mean one thing here and another there. Whatever lies at or after the moment
is not looked at, nor are products that were launched after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Floats, Sparse
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import pair_matrix
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sql import Events

HERE = "trasos.recommender.ranking"
OF_PRODUCT = (
    "looks_3d", "looks_7d", "looks_14d", "looks_28d", "carts_28d", "buys_28d", "persons_28d",
    "trend", "age_days", "looks_a_day", "share_of_category", "category_looks_14d", "log_price",
    "price_level",
)  # fmt: skip
OF_PERSON = (
    "events", "products", "sessions", "carts", "buys", "days_since", "days_known",
    "usual_price_level",
)  # fmt: skip
TRAITS = ("category", "brand")
OF_TRAIT = ("looks", "carts", "buys", "weight", "share", "days_since")
NAMES = (
    *(f"product_{name}" for name in OF_PRODUCT),
    *(f"person_{name}" for name in OF_PERSON),
    *(f"{trait}_{name}" for trait in TRAITS for name in (*OF_TRAIT, "lift")),
    "price_distance",
)
DOUBT = 4.0
"""Weight of what all do, beside what one person did, in how far they depart from it: four looks."""


@dataclass(frozen=True)
class Features:
    """What is known at a moment, from which the features of any pair are looked up.

    Attributes:
        of_product: float32 (n_products, len(OF_PRODUCT)); nan where nothing is known.
        of_person: float32 (n_persons + 1, len(OF_PERSON)); nan for a person without history.
        of_trait: by trait, one CSR (n_persons + 1, n_values) for each of ``OF_TRAIT``; no cell
            where the person never met the value.
        usual_share: by trait float32 (n_values,), the share of each value in what all did.
        trait_value: by trait int32 (n_products,).
    """

    of_product: Floats
    of_person: Floats
    of_trait: dict[str, tuple[Sparse, ...]]
    usual_share: dict[str, Floats]
    trait_value: dict[str, Codes]

    @classmethod
    def at(
        cls,
        log: InteractionLog,
        catalogue: Catalogue,
        params: RecommenderParams,
        as_of: int,
        events: Events,
    ) -> Features:
        """Count everything before a moment.

        Args:
            log: interactions; those at or after the moment do not count.
            catalogue: products; those launched after the moment and not met before have none.
            params: half_life_days, and what each event type stands for.
            as_of: seconds.
            events: the same log and catalogue, as SQL reads them.
        """
        moment = {"as_of": as_of}
        fading = {**moment, "half_life_days": params.half_life_days}
        products = events.query(HERE, "product_features", moment)
        levels = {name: products[name] for name in ("product", "price_level")}
        levels["price_level"] = pa.array(levels["price_level"], from_pandas=True)
        priced = {"price_levels": pa.table(levels)}
        persons = events.query(HERE, "person_features", fading, priced)
        tastes = events.query(HERE, "taste_features", fading)
        of_trait, usual_share, trait_value = {}, {}, {}
        for trait, value in (("category", catalogue.category), ("brand", catalogue.brand)):
            rows = tastes["trait"] == trait
            n_values = int(value.max(initial=-1)) + 1
            of_trait[trait] = tuple(
                _cells(tastes, name, rows, log.n_persons + 1, n_values) for name in OF_TRAIT
            )
            total = np.asarray(of_trait[trait][OF_TRAIT.index("weight")].sum(axis=0)).ravel()
            usual_share[trait] = (total / max(total.sum(), 1e-12)).astype(np.float32)
            trait_value[trait] = value
        return cls(
            of_product=_rows(products, "product", OF_PRODUCT, catalogue.n_products),
            of_person=_rows(persons, "person", OF_PERSON, log.n_persons + 1),
            of_trait=of_trait,
            usual_share=usual_share,
            trait_value=trait_value,
        )

    def pairs(self, persons: Codes, rows: Codes, products: Codes) -> Floats:
        """The features of some pairs.

        Args:
            persons: int32 (b,), codes of the persons of a batch.
            rows: int (n,), place in the batch of each pair's person.
            products: int (n,), code of each pair's product.

        Returns:
            float32 (n, len(NAMES)); nan where something is not known.
        """
        of_product, of_person = self.of_product[products], self.of_person[persons][rows]
        columns = [of_product, of_person]
        for trait in TRAITS:
            columns.append(self._of_trait(trait, persons, rows, self.trait_value[trait][products]))
        level = of_product[:, OF_PRODUCT.index("price_level")]
        usual = of_person[:, OF_PERSON.index("usual_price_level")]
        columns.append(np.abs(level - usual)[:, None])
        return np.concatenate(columns, axis=1)

    def _of_trait(self, trait: str, persons: Codes, rows: Codes, values: Codes) -> Floats:
        """A person's counts of the value of each pair's product, and how it departs from all's."""
        found = np.empty((len(rows), len(OF_TRAIT) + 1), np.float32)
        for column, matrix in enumerate(self.of_trait[trait]):
            found[:, column] = matrix[persons].toarray()[rows, values]
        weight = self.of_trait[trait][OF_TRAIT.index("weight")]
        own = np.asarray(weight[persons].sum(axis=1)).ravel()[rows]
        usual = self.usual_share[trait][values]
        held = found[:, OF_TRAIT.index("weight")]
        share = (held + DOUBT * usual) / (own + DOUBT)
        found[:, -1] = np.log(np.maximum(share, 1e-6) / np.maximum(usual, 1e-6))
        never = found[:, OF_TRAIT.index("weight")] == 0
        found[never, OF_TRAIT.index("days_since")] = np.nan
        return found


def features(
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    as_of: int,
    persons: Codes,
    products: Codes,
) -> Floats:
    """The features of pairs of a person and a product as of a moment.

    Args:
        log: see ``Features.at``.
        catalogue: see ``Features.at``.
        params: see ``Features.at``.
        as_of: seconds; only what lies strictly before it counts.
        persons: int32 (n,), codes.
        products: int32 (n,), codes.

    Returns:
        float32 (n, len(NAMES)), columns as ``NAMES``; nan where something is not known.
    """
    asked, rows = np.unique(persons, return_inverse=True)
    with Events.of(log, catalogue, params) as events:
        known = Features.at(log, catalogue, params, as_of, events)
    return known.pairs(asked.astype(np.int32), rows.astype(np.int32), products)


def _rows(found: dict[str, Floats], key: str, names: tuple[str, ...], n_rows: int) -> Floats:
    """Columns of SQL in rows by code; nan where it has none."""
    out = np.full((n_rows, len(names)), np.nan, np.float32)
    for column, name in enumerate(names):
        out[found[key], column] = found[name]
    return out


def _cells(
    found: dict[str, Floats], name: str, rows: Floats, n_persons: int, n_values: int
) -> Sparse:
    matrix = pair_matrix(
        found["person"][rows], found["trait_value"][rows], found[name][rows], n_persons, n_values
    )
    return csr_array(matrix.astype(np.float32))
