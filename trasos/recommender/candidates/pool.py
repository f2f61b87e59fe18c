"""The candidates of a batch of persons: the union of what each source puts first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.models.model import NO_OPINION, Model
from trasos.recommender.rank import top_n

CANDIDATES = pa.schema(
    [
        pa.field("person", pa.int32(), nullable=False),
        pa.field("product", pa.int32(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Pool:
    """What the sources say of a batch of persons.

    Attributes:
        names: of the sources.
        persons: int32 (b,), codes.
        scores: for each source float32 (b, n_products), ``NO_OPINION`` where it has none or the
            product is not allowed.
        ranks: for each source int32 (b, n_products), 1 for its best product; 0 beyond its depth.
    """

    names: tuple[str, ...]
    persons: Codes
    scores: tuple[Floats, ...]
    ranks: tuple[Codes, ...]

    @property
    def is_candidate(self) -> Flags:
        """What any source brings: bool (b, n_products)."""
        is_any = np.logical_or.reduce([ranks > 0 for ranks in self.ranks])
        return np.asarray(is_any, np.bool_)

    def brought_by(self) -> Codes:
        """The source that ranks a product highest, the first of several; -1 where none does."""
        large = np.iinfo(np.int32).max
        places = np.stack([np.where(ranks > 0, ranks, large) for ranks in self.ranks])
        best = places.argmin(axis=0).astype(np.int32)
        return np.where(self.is_candidate, best, np.int32(-1))

    def to_table(self) -> pa.Table:
        """Every candidate of every source: ``CANDIDATES``, by source, person and rank."""
        parts = []
        for name, scores, ranks in zip(self.names, self.scores, self.ranks, strict=True):
            rows, products = np.nonzero(ranks)
            order = np.lexsort((ranks[rows, products], rows))
            rows, products = rows[order], products[order]
            columns = [
                self.persons[rows],
                products.astype(np.int32),
                pa.repeat(name, len(rows)),
                ranks[rows, products],
                scores[rows, products],
            ]
            parts.append(
                pa.Table.from_arrays([pa.array(each) for each in columns], CANDIDATES.names)
            )
        return pa.concat_tables(parts).cast(CANDIDATES)


def pool(sources: Sequence[Model], persons: Codes, allowed: Flags, depth: int) -> Pool:
    """Ask every source for its best products.

    Args:
        sources: models, see ``sources``.
        persons: int32 (b,), codes; -1 is a person without history.
        allowed: bool (b, n_products), what may be recommended.
        depth: products of each source.
    """
    scores, ranks = [], []
    for source in sources:
        block = np.where(allowed, source.score_persons(persons, allowed), NO_OPINION)
        scores.append(block.astype(np.float32))
        ranks.append(_ranks(scores[-1], allowed, depth))
    names = tuple(source.name for source in sources)
    return Pool(names, persons, tuple(scores), tuple(ranks))


def _ranks(scores: Floats, allowed: Flags, depth: int) -> Codes:
    best = top_n([lambda rows: scores[rows]], allowed, depth).items
    rows, places = np.nonzero(best >= 0)
    ranks = np.zeros(scores.shape, np.int32)
    ranks[rows, best[rows, places]] = places + 1
    return ranks
