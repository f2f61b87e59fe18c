"""Intervals of means over persons, and of differences between models on the same persons.

The percentile bootstrap (Efron and Tibshirani 1993). One resample draws persons, the counts of
the draw are multinomial, and weighs every model and metric with the same counts: all differences
are paired, and one matrix product serves them all. ``scipy.stats.bootstrap`` gathers every column
by index instead, which for 100,000 persons takes some hundred times the memory; on small samples
the tests hold the two against each other.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from trasos.recommender.arrays import Doubles
from trasos.recommender.threads import one_blas_thread

CHUNK = 64
"""Resamples drawn at a time: 100,000 persons then take 50 MB."""


def resampled_means(values: Doubles, n_resamples: int, seed: int) -> Doubles:
    """Means over persons drawn with replacement.

    Args:
        values: shape (n_persons, m), one column a model and metric.
        n_resamples: number of draws.
        seed: of the draws.

    Returns:
        float64 of shape (n_resamples, m). A row holds all columns of one draw, so differences of
        columns are paired.
    """
    n = len(values)
    rng = np.random.default_rng(seed)
    means = np.empty((n_resamples, values.shape[1]))
    counts = np.empty((CHUNK, n))
    with one_blas_thread():
        for start in range(0, n_resamples, CHUNK):
            size = min(CHUNK, n_resamples - start)
            for row in range(size):
                counts[row] = np.bincount(rng.integers(0, n, n, dtype=np.int32), minlength=n)
            means[start : start + size] = counts[:size] @ values / n
    return means


def percentile_interval(means: Doubles, confidence: float) -> tuple[Doubles, Doubles]:
    """The middle share of resampled means, column by column.

    Args:
        means: shape (n_resamples, m).
        confidence: share within the interval.

    Returns:
        Lower and upper ends, each of shape (m,).
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return low, high


def normal_interval(values: Doubles, confidence: float) -> tuple[Doubles, Doubles]:
    """Mean plus and minus the normal quantile times the standard error, column by column.

    Args:
        values: shape (n_persons, m), at least two persons.
        confidence: share within the interval.
    """
    width = NormalDist().inv_cdf(0.5 + confidence / 2)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    mean = values.mean(axis=0)
    return mean - width * error, mean + width * error
