"""Attributes of products as columns: one a value, rare values weighing more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Doubles, Sparse
from trasos.recommender.columns import Columns
from trasos.recommender.content.params import ContentParams

ATTRIBUTES = ("department", "category", "brand", "colour", "size_range")
"""Columns of the table of products that name what a product is."""


def attribute_blocks(table: Any, params: ContentParams) -> dict[str, Sparse]:
    """One block an attribute, one column a value; and the price as a band within its category.

    Args:
        table: products in the order of their codes; columns may be missing.
        params: min_products, price_bands.

    Returns:
        float64 CSR by name, (n_products, values that at least ``min_products`` products have). A
        value weighs log(n / products that have it) / log(n), from 0 where all have it to 1 where
        one alone does: inverse document frequency (Sparck Jones 1972), bounded.
    """
    columns = Columns(table, "products")
    blocks = {
        name: weighted_values(codes_of(columns.texts(name, nulls=True)), params.min_products)
        for name in ATTRIBUTES
        if name in table.column_names
    }
    if "price" in table.column_names and params.price_bands > 1:
        category = (
            codes_of(columns.texts("category", nulls=True))
            if "category" in table.column_names
            else np.zeros(table.num_rows, np.int32)
        )
        bands = price_bands(columns.numbers("price"), category, params.price_bands)
        blocks["price"] = weighted_values(bands, params.min_products)
    return blocks


def codes_of(texts: Any) -> Codes:
    """Position of each text among the sorted distinct ones, without regard to case; -1 for null.

    Args:
        texts: ``pyarrow.Array`` of strings.
    """
    spelt = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    values = pc.unique(spelt).drop_null()
    values = values.take(pc.sort_indices(values))
    values = values.filter(pc.not_equal(values, ""))
    codes = pc.index_in(spelt, value_set=values, skip_nulls=True).fill_null(-1)
    return np.asarray(codes.to_numpy(zero_copy_only=False), np.int32)


def weighted_values(codes: Codes, min_products: int) -> Sparse:
    """A column a value that enough products have, weighed as ``attribute_blocks`` says.

    Args:
        codes: int32 (n_products,), -1 where unknown.
        min_products: values of fewer products are left out.

    Returns:
        float64 CSR of shape (n_products, such values).
    """
    counts = np.bincount(codes[codes >= 0])
    kept = np.flatnonzero(counts >= min_products)
    column = np.full(len(counts) + 1, -1, np.int32)
    column[kept] = np.arange(len(kept), dtype=np.int32)
    of_product = column[codes]
    rows = np.flatnonzero(of_product >= 0)
    n = max(2, len(codes))
    weight = np.log(n / counts[kept]) / np.log(n)
    return csr_array(
        (weight[of_product[rows]], (rows, of_product[rows])), shape=(len(codes), len(kept))
    )


def price_bands(price: Doubles, category: Codes, n_bands: int) -> Codes:
    """Which part of its category's prices each product lies in, by rank; ties share a band.

    Args:
        price: nan where unknown.
        category: int32 codes; products without one (-1) are compared with one another.
        n_bands: parts of equal size.

    Returns:
        int32, 0 the cheapest; -1 where the price is unknown.
    """
    bands = np.full(len(price), -1, np.int32)
    for code in np.unique(category):
        members = np.flatnonzero((category == code) & np.isfinite(price))
        ordered = np.sort(price[members])
        below = np.searchsorted(ordered, price[members], side="left")
        bands[members] = (below * n_bands) // max(1, len(members))
    return bands
