"""Metrics of ranked lists: one value a person, so that models can be paired person by person.

Ranks count over the full catalogue. Sampled metrics are not offered: they can reverse the order
of models (Krichene and Rendle 2020).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trasos.recommender.arrays import Codes, Doubles, Flags, Sparse
from trasos.recommender.rank import batches

Discount = Callable[[Doubles], Doubles]


def log2_discount(rank: Doubles) -> Doubles:
    """1 / log2(rank + 1), of Järvelin and Kekäläinen 2002 as most libraries use it today."""
    return np.asarray(1 / np.log2(rank + 1), np.float64)


def hits_of(items: Codes, relevant: Sparse) -> Flags:
    """Which listed products are relevant.

    Args:
        items: product codes of shape (n, k); -1 is no product.
        relevant: CSR of shape (n, n_products) whose stored cells are the relevant products.

    Returns:
        bool of shape (n, k).
    """
    n_products = relevant.shape[1]
    rows = np.repeat(np.arange(len(items), dtype=np.int64), np.diff(relevant.indptr))
    wanted = rows * n_products + relevant.indices
    keys = np.arange(len(items), dtype=np.int64)[:, None] * n_products + items
    return np.asarray(np.isin(keys, wanted) & (items >= 0), np.bool_)


def recall(hits: Flags, n_relevant: Codes, k: int) -> Doubles:
    """Share of a person's relevant products within the first k; shape (n,)."""
    return np.asarray(hits[:, :k].sum(axis=1) / n_relevant, np.float64)


def hit_rate(hits: Flags, k: int) -> Doubles:
    """1 where at least one relevant product is within the first k, else 0; shape (n,)."""
    return np.asarray(hits[:, :k].any(axis=1), np.float64)


def reciprocal_rank(hits: Flags, k: int) -> Doubles:
    """1 / rank of the first relevant product within the first k, else 0; its mean is the MRR."""
    first = hits[:, :k].argmax(axis=1)
    return np.where(hits[:, :k].any(axis=1), 1 / (first + 1), 0.0)


def average_precision(hits: Flags, n_relevant: Codes, k: int) -> Doubles:
    """Precision at each hit within k, summed, over min(k, relevant products); shape (n,).

    Its mean is MAP@k as the H&M contest on Kaggle counts it.
    """
    hit = hits[:, :k]
    precision = hit.cumsum(axis=1) / np.arange(1, hit.shape[1] + 1)
    return np.asarray((precision * hit).sum(axis=1) / np.minimum(n_relevant, k), np.float64)


def ndcg(hits: Flags, n_relevant: Codes, k: int, discount: Discount = log2_discount) -> Doubles:
    """Discounted hits within k over those of the best possible list; gains are 0 or 1.

    Args:
        hits: bool of shape (n, k or more).
        n_relevant: relevant products of each person, above zero.
        k: length that counts.
        discount: weight of ranks 1, 2, ...
    """
    weights = discount(np.arange(1, k + 1, dtype=np.float64))
    ideal = np.cumsum(weights)[np.minimum(n_relevant, k) - 1]
    width = min(k, hits.shape[1])
    return np.asarray(hits[:, :width] @ weights[:width] / ideal, np.float64)


def graded_ndcg(gains: Doubles, ideal_gains: list[Doubles], discount: Discount) -> Doubles:
    """NDCG with graded gains and an ideal list of any length.

    Args:
        gains: shape (n, k), gain of the product at each rank, 0 where not relevant.
        ideal_gains: for each person the gains of all relevant products.
        discount: weight of ranks 1, 2, ...
    """
    ranks = np.arange(1, gains.shape[1] + 1, dtype=np.float64)
    ideal = np.array(
        [
            np.sort(own)[::-1] @ discount(np.arange(1, len(own) + 1, dtype=np.float64))
            for own in ideal_gains
        ]
    )
    return np.asarray(gains @ discount(ranks) / ideal, np.float64)


def self_information(n_met: Doubles, n_persons: int) -> Doubles:
    """-log2 of the share of persons who met a product; one person is added to each count.

    Args:
        n_met: persons who met each product in training, shape (n_products,).
        n_persons: persons in training.
    """
    return np.asarray(-np.log2((n_met + 1) / (n_persons + 1)), np.float64)


def novelty(items: Codes, information: Doubles, k: int) -> Doubles:
    """Mean self-information of the first k products (Zhou et al. 2010); shape (n,)."""
    listed = items[:, :k] >= 0
    total = np.where(listed, information[items[:, :k]], 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(listed.sum(axis=1), 1), np.float64)


def diversity(items: Codes, category: Codes, brand: Codes, k: int) -> Doubles:
    """Mean distance of pairs within the first k (Ziegler et al. 2005); shape (n,).

    Two products are 0 apart with the same category and brand, 1 with neither, else 0.5. Lists of
    fewer than two products are 0.
    """
    listed = items[:, :k]
    out = np.zeros(len(listed))
    for rows in batches(len(listed), max(1, listed.shape[1] ** 2)):
        block = listed[rows]
        pairs = (block >= 0)[:, :, None] & (block >= 0)[:, None, :]
        same = _equal_pairs(category[block], pairs) + _equal_pairs(brand[block], pairs)
        n_listed = (block >= 0).sum(axis=1)
        # The diagonal counts as "same" twice a product and is taken out of both sides.
        n_pairs = n_listed * (n_listed - 1)
        alike = 0.5 * (same - 2 * n_listed)
        out[rows] = np.where(n_pairs > 0, 1 - alike / np.maximum(n_pairs, 1), 0.0)
    return out


def coverage(items: Codes, candidates: Flags, k: int) -> float:
    """Share of the candidates that stand in at least one list of length k."""
    listed = np.unique(items[:, :k])
    n_listed, n_candidates = int((listed >= 0).sum()), int(candidates.sum())
    return n_listed / max(1, n_candidates)


def exposure_gini(items: Codes, candidates: Flags, k: int) -> float:
    """Gini coefficient of how often each candidate is listed: 0 all alike, towards 1 a few only."""
    listed = items[:, :k]
    counts = np.bincount(listed[listed >= 0], minlength=len(candidates))[candidates]
    exposure = np.sort(counts).astype(np.float64)
    n = len(exposure)
    if n == 0 or exposure.sum() == 0:
        return 0.0
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1) @ exposure / (n * exposure.sum()))


def _equal_pairs(codes: Codes, pairs: Flags) -> NDArray[np.int64]:
    return np.asarray(((codes[:, :, None] == codes[:, None, :]) & pairs).sum(axis=(1, 2)))
