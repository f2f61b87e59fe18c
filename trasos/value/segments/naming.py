"""Names of segments that say what is in them, and stay when data grow."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from trasos.value.params import SegmentParams
from trasos.value.segments.features import FEATURES, Described

NOTHING_KEPT = 0.05
"""Share of the mean revenue of all customers below which a segment has kept next to nothing."""


def names_by_profile(
    described: Described, labels: NDArray[np.int64], params: SegmentParams
) -> list[str]:
    """Name each segment by its customers' habits, then by what they bring where habits are alike.

    ``one_order`` or ``many_orders`` by the mean number of days with an order (below or from 1.5),
    or ``all_sent_back`` where next to nothing was kept of what they ordered; ``recent``,
    ``cooling`` or ``lapsed`` by the median of days since the last one. Segments that share both are
    told apart by mean revenue: two are ``high_value`` and ``low_value``, more are numbered from the
    most valuable on. Nothing in a name hangs on the number that k-means happened to give a segment.

    Returns:
        (segments,) names by label.
    """
    count = int(labels.max()) + 1
    days = described.raw[:, FEATURES.index("days_since_last_order")]
    orders = described.raw[:, FEATURES.index("order_day_count")]
    habits: list[str] = []
    worth: list[float] = []
    least = NOTHING_KEPT * float(described.revenue.mean())
    for label in range(count):
        inside = labels == label
        since = float(np.median(days[inside]))
        often = (
            "all_sent_back" if described.revenue[inside].mean() < least
            else "many_orders" if orders[inside].mean() >= 1.5
            else "one_order"
        )  # fmt: skip
        late = (
            "recent" if since <= params.recent_days
            else "lapsed" if since >= params.lapsed_days
            else "cooling"
        )  # fmt: skip
        habits.append(f"{often}_{late}")
        worth.append(float(described.revenue[inside].mean()))
    shared = Counter(habits)
    names = list(habits)
    for habit, times in shared.items():
        if times == 1:
            continue
        alike = sorted(
            (label for label in range(count) if habits[label] == habit),
            key=lambda label: (-worth[label], label),
        )
        ends = (
            ["high_value", "low_value"] if times == 2 else [f"value_{k + 1}" for k in range(times)]
        )
        for label, end in zip(alike, ends, strict=True):
            names[label] = f"{habit}_{end}"
    return names
