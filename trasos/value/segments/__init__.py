"""Segments of customers: who resembles whom, under names that stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from trasos.value.params import SegmentParams
from trasos.value.segments.clusters import cluster
from trasos.value.segments.features import FEATURES, describe
from trasos.value.segments.naming import names_by_profile

__all__ = ["ROWS", "names_by_profile", "segment_members"]

ROWS = pa.schema(
    [
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("segment_name", pa.string(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in FEATURES),
        pa.field("centroid_distance", pa.float64(), nullable=False),
        pa.field("segment_count", pa.int64(), nullable=False),
        pa.field("silhouette", pa.float64()),
        pa.field("status", pa.string(), nullable=False),
    ]
)
"""A row a customer; ``silhouette`` is the partition's mean, null where there is one segment."""


def segment_members(customers: Any, behaviour: Any, params: SegmentParams) -> pa.Table:
    """Segment customers; see ``trasos.value.segment_members``.

    Returns:
        ``pyarrow.Table``: ``ROWS``, sorted by person_id. Status is ``segmented``,
        ``too_few_customers``, or ``all_alike`` (no more distinct customers than segments): the
        last two have everyone in the segment ``everyone``.
    """
    described = describe(customers, behaviour)
    scaled, n = described.scaled, len(described.ids)
    labels, centroids = np.zeros(n, dtype=np.int64), scaled.mean(axis=0, keepdims=True)
    silhouette, status, names = None, "too_few_customers", ["everyone"]
    if n >= params.min_customers:
        found = cluster(scaled, params)
        status = "all_alike"
        if found.silhouettes:
            labels, centroids, status = found.labels, found.centroids, "segmented"
            silhouette = found.silhouettes[len(centroids)]
            names = names_by_profile(described, labels, params)
    distance = np.linalg.norm(scaled - centroids[labels], axis=1)
    return pa.table(
        {
            "person_id": pa.array(described.ids, pa.string()),
            "segment_name": pa.array([names[label] for label in labels.tolist()], pa.string()),
            **{name: described.raw[:, place] for place, name in enumerate(FEATURES)},
            "centroid_distance": distance,
            "segment_count": pa.array([len(names)] * n, pa.int64()),
            "silhouette": pa.array([silhouette] * n, pa.float64()),
            "status": pa.array([status] * n, pa.string()),
        },
        schema=ROWS,
    )
