"""One matrix of what is known of each product, in named blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from scipy.sparse import csr_array, diags_array, hstack

from trasos.errors import ConfigurationError, InputError
from trasos.recommender.arrays import Flags, Floats, Sparse
from trasos.recommender.content.attributes import attribute_blocks
from trasos.recommender.content.params import ContentParams
from trasos.recommender.content.text import text_block
from trasos.recommender.data import Catalogue

TEXT, PICTURE, EMBEDDING = "text", "picture", "embedding"


@dataclass(frozen=True)
class Block:
    """Columns of the matrix that belong together.

    Attributes:
        name: such as ``brand`` or ``text``.
        start: first column.
        stop: the column after the last.
    """

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class ContentFeatures:
    """What is known of each product.

    Within a block no row is longer than one, and it is empty where nothing is known: a product with
    many words weighs no more than one with few, and no block drowns another.

    Attributes:
        matrix: float32 CSR of shape (n_products, n_features), rows by product code.
        blocks: in the order of their columns.
    """

    matrix: Sparse
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, blocks: Mapping[str, Any], n_products: int) -> ContentFeatures:
        """Put blocks side by side; those without columns are left out.

        Args:
            blocks: name to a matrix of shape (n_products, any), sparse or dense.
            n_products: products of the catalogue.

        Raises:
            InputError: a block has another number of rows, or holds what is no finite number.
        """
        parts, described, start = [], [], 0
        for name, values in blocks.items():
            part = csr_array(values, dtype=np.float32)
            if part.shape[0] != n_products:
                raise InputError(
                    f"Content block {name} has {part.shape[0]:,} rows for {n_products:,} "
                    "products: one row a product is wanted, in the order of product_id."
                )
            if not np.isfinite(part.data).all():
                raise InputError(
                    f"Content block {name} holds values that are no finite numbers: leave a "
                    "product's row empty where nothing is known of it."
                )
            if part.shape[1] == 0:
                continue
            part.eliminate_zeros()
            parts.append(part)
            described.append(Block(name, start, start + part.shape[1]))
            start += part.shape[1]
        empty = csr_array((n_products, 0), dtype=np.float32)
        matrix = csr_array(hstack(parts, format="csr")) if parts else empty
        matrix.sort_indices()
        return cls(matrix, tuple(described))

    @property
    def n_products(self) -> int:
        """Number of products."""
        return int(self.matrix.shape[0])

    @property
    def known(self) -> Flags:
        """Of which products anything is known; bool of shape (n_products,)."""
        return np.asarray(np.diff(self.matrix.indptr) > 0, np.bool_)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the blocks, in order."""
        return tuple(block.name for block in self.blocks)

    def only(self, *names: str) -> ContentFeatures:
        """Some of the blocks, in their old order.

        Raises:
            ConfigurationError: there is no such block.
        """
        unknown = sorted(set(names) - set(self.names))
        if unknown:
            raise ConfigurationError(
                f"No content block {', '.join(unknown)}; there are {', '.join(self.names)}."
            )
        chosen = {
            block.name: self.matrix[:, block.start : block.stop]
            for block in self.blocks
            if block.name in names
        }
        return ContentFeatures.of(chosen, self.n_products)

    def unit(self) -> Sparse:
        """The matrix with each row of length one, so that products of rows are cosines."""
        return unit_rows(self.matrix)


def content_features(
    products: Any,
    catalogue: Catalogue,
    params: ContentParams | None = None,
    *,
    pictures: Floats | None = None,
) -> ContentFeatures:
    """Read what a table of products says of each product; any column may be missing or null.

    Args:
        products: ``pyarrow.Table`` with column product_id and any of department, category, brand,
            colour, size_range, price, product_name, description and embedding (a list of numbers
            of one length, from whatever model the shop likes; null where there is none).
        catalogue: read from the same table; gives the order of rows.
        params: tunables.
        pictures: float32 of shape (n_products, d) as ``pictures.PictureStore`` gives them, zero
            rows where a product has none.

    Returns:
        The same bits whatever the order of the table's rows.

    Raises:
        InputError: a column is of another type, or embeddings differ in length.
    """
    chosen = params or ContentParams()
    table = _in_order(products, catalogue)
    blocks: dict[str, Any] = dict(attribute_blocks(table, chosen))
    blocks[TEXT] = unit_rows(text_block(table, chosen))
    if pictures is not None:
        blocks[PICTURE] = unit_rows(pictures)
    blocks[EMBEDDING] = unit_rows(_embeddings(table))
    return ContentFeatures.of(blocks, catalogue.n_products)


def unit_rows(matrix: Any) -> Sparse:
    """Rows divided by their lengths; empty ones stay. Stored zeros are dropped.

    Args:
        matrix: float32, sparse or dense.

    Returns:
        float32 CSR.
    """
    kept = csr_array(matrix, dtype=np.float32, copy=True)
    kept.eliminate_zeros()
    kept.sort_indices()
    squares = csr_array(
        (kept.data.astype(np.float64) ** 2, kept.indices, kept.indptr), shape=kept.shape
    )
    length = np.sqrt(np.asarray(squares.sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return csr_array(diags_array(scale) @ kept.astype(np.float64)).astype(np.float32)


def _in_order(products: Any, catalogue: Catalogue) -> Any:
    """The table's rows by product code."""
    table = products.read_all() if hasattr(products, "read_all") else products
    place = pc.index_in(
        catalogue.product_ids, value_set=table.column("product_id").combine_chunks()
    )
    if place.null_count:
        raise InputError(
            f"products lacks {place.null_count:,} products of the catalogue: hand over the table "
            "that the catalogue was read from."
        )
    return table.take(place)


def _embeddings(table: Any) -> Floats:
    """The shop's own vectors; float32 (n_products, d), d 0 where the column is not there."""
    if "embedding" not in table.column_names:
        return np.zeros((table.num_rows, 0), np.float32)
    rows = table.column("embedding").to_pylist()
    lengths = {len(row) for row in rows if row is not None}
    if len(lengths) > 1:
        raise InputError(
            f"products.embedding has vectors of {len(lengths)} lengths "
            f"({min(lengths)} to {max(lengths)}): one model's vectors are wanted."
        )
    width = lengths.pop() if lengths else 0
    values = np.zeros((len(rows), width), np.float32)
    for place, row in enumerate(rows):
        if row is not None:
            values[place] = row
    return values
