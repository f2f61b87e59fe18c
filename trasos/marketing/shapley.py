"""Attribution by Shapley values: each channel's fair part of what the coalition achieved.

A coalition S of channels is worth the conversions of the paths all of whose channels lie in S
(Zhao, Mahboobi and Bagheri, "Shapley Value Methods for Attribution Modeling in Online
Advertising", arXiv:1804.05327, 2018, section 3). That worth is a sum of unanimity games, one a
path, and the Shapley value of each is an equal part for every channel on the path: so the sum
over 2^n coalitions comes down to one pass over paths, exactly.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from trasos.marketing.paths import Floats, Paths


def shapley_conversions(paths: Paths) -> Floats:
    """Conversions of each channel, (channels,); they add up to those of all paths."""
    rows, channels = _channels_on_paths(paths)
    distinct = np.bincount(rows, minlength=len(paths))
    parts = (paths.conversions / distinct)[rows]
    return np.bincount(channels, weights=parts, minlength=len(paths.channels)).astype(np.float64)


def coalition_conversions(paths: Paths, coalition: Collection[str]) -> float:
    """What a set of channels is worth: conversions of the paths that need no other channel."""
    rows, channels = _channels_on_paths(paths)
    inside = np.array([name in coalition for name in paths.channels], dtype=bool)
    missing = np.bincount(rows[~inside[channels]], minlength=len(paths))
    return float(paths.conversions[missing == 0].sum())


def _channels_on_paths(paths: Paths) -> tuple[np.ndarray, np.ndarray]:
    """Path and channel of each different pair of them."""
    count = max(len(paths.channels), 1)
    path = np.repeat(np.arange(len(paths)), paths.lengths)
    pairs = np.unique(path * count + paths.steps)
    return pairs // count, pairs % count
