"""How much more often a person takes to what a product is than people do: naive Bayes over content.

If half of what a person met is knitwear and a tenth of what everybody meets is, a new pullover is
five times as likely for this person as its popularity says. Blocks multiply, as if they were
independent given the person (Good 1965 for the smoothing: a person's shares are drawn towards
everybody's). Multiplied with what a product's popularity or a blend gives, it is a hybrid; alone
it is a model of content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Sparse
from trasos.recommender.content.features import ContentFeatures

BOUND = 50.0
"""Times more or less likely that one block may make a product: an item with a single rare value
would else outweigh all others."""


@dataclass(frozen=True)
class LiftBlock:
    """One block: what products are, and what each person took to.

    Attributes:
        shares: float32 CSR (n_products, k), rows that sum to one, or empty where unknown.
        counts: float64 CSR (n_persons + 1, k), what each person took to; the last row, for persons
            without history, is empty.
        usual: float64 (k,), everybody's shares.
        smoothing: events by which these count in a person's.
        is_known: bool (n_products,).
        power: exponent of the block's lifts: below 1 where other blocks say the same, above 1
            where it speaks too softly.
    """

    shares: Sparse
    counts: Sparse
    usual: Doubles
    smoothing: float
    is_known: Flags
    power: float = 1.0

    def ratios(self, persons: Codes) -> Floats:
        """Smoothed shares of some persons over those of everybody; ones for who took nothing."""
        counts = self.counts[persons].toarray()
        n = counts.sum(axis=1, keepdims=True)
        shares = (counts + self.smoothing * self.usual) / (n + self.smoothing)
        return np.asarray(shares / self.usual, np.float32)


@dataclass(frozen=True)
class ContentLift:
    """The product over blocks of share of a person over share of everybody.

    Attributes:
        blocks: in the order in which they multiply.
        name: see ``Model``.
    """

    blocks: tuple[LiftBlock, ...]
    name: str = "content"

    @classmethod
    def fit(
        cls,
        features: ContentFeatures,
        matrix: Sparse,
        smoothing: Mapping[str, float],
        own: Mapping[str, Sparse] | None = None,
        powers: Mapping[str, float] | None = None,
    ) -> ContentLift:
        """Count what each person met, value by value.

        Args:
            features: of all products; the blocks named in ``smoothing`` hold no negative number,
                as those of attributes do.
            matrix: person x product weights, shape (n_persons + 1, n_products), last row empty.
            smoothing: block to the number of events by which everybody's shares count for each
                person; above 0.
            own: block to counts (n_persons + 1, k) that are known of persons themselves, such as
                the sizes they took, instead of what is known of the products that they met.
            powers: block to its exponent, see ``LiftBlock`` and ``fit_powers``; 1 where not named.

        Raises:
            InputError: a block has negative numbers.
            ConfigurationError: there is no such block.
        """
        features.only(*smoothing)
        fitted = []
        for block in features.blocks:
            if block.name not in smoothing:
                continue
            values = features.matrix[:, block.start : block.stop].astype(np.float64)
            if values.nnz and values.data.min() < 0:
                raise InputError(
                    f"Content block {block.name} holds negative numbers: shares are wanted here. "
                    "ContentMap takes blocks of any kind."
                )
            shares = _shares(values)
            counts = csr_array((own or {}).get(block.name, matrix.astype(np.float64) @ shares))
            fitted.append(
                LiftBlock(
                    shares.astype(np.float32),
                    counts,
                    _usual(counts),
                    smoothing[block.name],
                    np.asarray(np.diff(shares.indptr) > 0, np.bool_),
                    (powers or {}).get(block.name, 1.0),
                )
            )
        return cls(tuple(fitted))

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Lifts, around one; see ``Model``. Without any block all products are alike."""
        return self._multiplied([block.ratios(persons) for block in self.blocks], allowed.shape)

    def score_items(self, items: Codes) -> Floats:
        """Products of the same values, rare ones counting more; see ``Model``."""
        everybody = [
            np.asarray(block.shares.sum(axis=0), np.float32) / max(1, int(block.is_known.sum()))
            for block in self.blocks
        ]
        ratios = [
            np.asarray(1 + block.shares[items].toarray() / np.maximum(usual, 1e-6), np.float32)
            for block, usual in zip(self.blocks, everybody, strict=True)
        ]
        n_products = self.blocks[0].shares.shape[0] if self.blocks else 0
        return self._multiplied(ratios, (len(items), n_products))

    def _multiplied(self, ratios: list[Floats], shape: tuple[int, ...]) -> Floats:
        lift = np.ones(shape, np.float32)
        for block, of_rows in zip(self.blocks, ratios, strict=True):
            lifts = np.ascontiguousarray((block.shares @ of_rows.T).T)
            np.clip(lifts, 1 / BOUND, BOUND, out=lifts)
            lifts[:, ~block.is_known] = 1
            lift *= lifts if block.power == 1 else lifts ** np.float32(block.power)
        return lift


def _shares(values: Sparse) -> Sparse:
    """Rows divided by their sums, float64; empty ones stay."""
    kept = csr_array(values, copy=True)
    kept.eliminate_zeros()
    total = np.asarray(kept.sum(axis=1)).ravel()
    kept.data /= np.repeat(total, np.diff(kept.indptr))
    return kept


def _usual(counts: Sparse) -> Doubles:
    """Everybody's shares; one event in all, spread evenly, keeps each above zero."""
    total = np.asarray(counts.sum(axis=0), np.float64).ravel()
    return np.asarray((total + 1 / max(1, len(total))) / (total.sum() + 1), np.float64)
