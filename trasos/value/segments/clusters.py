"""K-means, and how many segments there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from trasos.errors import ConfigurationError
from trasos.value.arrays import Doubles
from trasos.value.params import SegmentParams


@dataclass(frozen=True)
class Clusters:
    """A partition of customers.

    Attributes:
        labels: (customers,) cluster of each, from 0 up.
        centroids: (clusters, features) of scaled features.
        silhouettes: mean silhouette by number of clusters tried.
    """

    labels: NDArray[np.int64]
    centroids: Doubles
    silhouettes: dict[int, float]


def cluster(scaled: Doubles, params: SegmentParams) -> Clusters:
    """Partition rows, the number of clusters by mean silhouette (Rousseeuw 1987).

    Of all numbers within the range the smallest is taken whose silhouette is within
    ``silhouette_margin`` of the best: a number that only just wins would flip with the next day's
    customers, and with it every name.

    Args:
        scaled: (customers, features), in an order that means nothing but is always the same.
        params: range, margin, sample, seed.

    Raises:
        ConfigurationError: the range is empty.
    """
    if params.min_segments > params.max_segments:
        raise ConfigurationError(
            f"segment_min is {params.min_segments} and segment_max {params.max_segments}: "
            "the range of the number of segments is empty."
        )
    distinct = len(np.unique(scaled, axis=0))
    most = min(params.max_segments, distinct - 1)
    tried: dict[int, KMeans] = {}
    silhouettes: dict[int, float] = {}
    for count in range(params.min_segments, most + 1):
        model = KMeans(count, n_init=10, random_state=params.seed).fit(scaled)
        tried[count] = model
        size = min(params.silhouette_sample, len(scaled))
        silhouettes[count] = float(
            silhouette_score(scaled, model.labels_, sample_size=size, random_state=params.seed)
        )
    if not tried:
        labels = np.zeros(len(scaled), dtype=np.int64)
        return Clusters(labels, scaled.mean(axis=0, keepdims=True), {})
    best = max(silhouettes.values())
    chosen = min(k for k, found in silhouettes.items() if found >= best - params.silhouette_margin)
    model = tried[chosen]
    return Clusters(model.labels_.astype(np.int64), model.cluster_centers_, silhouettes)
