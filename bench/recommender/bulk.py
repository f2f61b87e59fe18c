"""Interactions in bulk: skewed on both sides and with tastes, for measuring speed alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

ACTIVITY_SPREAD = 1.0
"""Of the logarithm of how much a person does: the busiest of 500,000 does fifty times the mean."""

POPULARITY_POWER = 0.8
"""Share of the product at rank r goes as r to minus this."""

PRODUCTS_OF_A_TASTE, OWN_TASTE = 500, 0.7
"""Each person has one taste, and picks within it so often."""


def interactions(n_persons: int, n_products: int, n_pairs: int, seed: int = 0) -> Any:
    """Weights of distinct pairs.

    Args:
        n_persons: rows, each with at least one draw.
        n_products: columns.
        n_pairs: at most so many pairs are kept.
        seed: of the draws.

    Returns:
        float32 CSR of shape (n_persons, n_products), weights log(1 + an exponential).
    """
    draw = np.random.default_rng(seed)
    activity = draw.lognormal(0, ACTIVITY_SPREAD, n_persons)
    # Some draws meet a pair that is there already.
    mean = 1.15 * n_pairs * activity / activity.sum()
    n_each = np.maximum(1, np.floor(mean + draw.random(n_persons))).astype(np.int64)
    person = np.repeat(np.arange(n_persons), n_each)
    n_tastes = max(2, n_products // PRODUCTS_OF_A_TASTE)
    taste = draw.integers(0, n_tastes, n_persons)[person]
    within = taste + n_tastes * _ranks(n_products // n_tastes, len(person), draw)
    anywhere = _ranks(n_products, len(person), draw)
    product = np.where(draw.random(len(person)) < OWN_TASTE, within % n_products, anywhere)
    product = draw.permutation(n_products)[product]
    pairs = np.unique(person * n_products + product)
    if len(pairs) > n_pairs:
        pairs = np.sort(draw.choice(pairs, n_pairs, replace=False, shuffle=False))
    weights = np.log1p(draw.exponential(1.0, len(pairs))).astype(np.float32)
    starts = np.searchsorted(pairs, np.arange(n_persons + 1) * n_products)
    columns = (pairs % n_products).astype(np.int32)
    return csr_array((weights, columns, starts), shape=(n_persons, n_products))


def _ranks(n: int, size: int, draw: np.random.Generator) -> Any:
    """Ranks from 0 to n - 1, their shares by the power law."""
    power = 1 - POPULARITY_POWER
    uniform = draw.random(size)
    ranks = ((uniform * ((n + 1) ** power - 1) + 1) ** (1 / power) - 1).astype(np.int64)
    return np.minimum(ranks, n - 1)
