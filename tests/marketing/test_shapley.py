from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings

from tests.marketing.data import published_paths, wants_paths
from tests.marketing.test_markov import PATHS, paths_from
from trasos.marketing import Paths, coalition_conversions, shapley_conversions


def by_definition(paths: Paths) -> np.ndarray:
    """Shapley's sum over all coalitions: 2^n of them."""
    n = len(paths.channels)
    worth = {
        coalition: coalition_conversions(paths, coalition)
        for size in range(n + 1)
        for coalition in combinations(paths.channels, size)
    }
    values = np.zeros(n)
    for number, channel in enumerate(paths.channels):
        others = [name for name in paths.channels if name != channel]
        for size in range(n):
            chance = factorial(size) * factorial(n - size - 1) / factorial(n)
            for coalition in combinations(others, size):
                joined = tuple(sorted((*coalition, channel)))
                values[number] += chance * (worth[joined] - worth[coalition])
    return values


@settings(max_examples=50, deadline=None)
@given(rows=PATHS)
def test_the_short_way_is_the_definition(rows: list[tuple[tuple[str, ...], int, int]]) -> None:
    paths = paths_from(rows)
    assert shapley_conversions(paths) == pytest.approx(by_definition(paths))


@wants_paths
def test_the_short_way_is_the_definition_on_the_published_paths() -> None:
    """All 4,096 coalitions of 12 channels, worth counted once for each set of channels."""
    paths = published_paths()
    masks = np.bitwise_or.reduceat(1 << paths.steps, paths.starts[:-1])
    worth = np.bincount(masks, weights=paths.conversions, minlength=4096)
    for bit in range(12):  # sums over subsets
        inside = np.flatnonzero(np.arange(4096) >> bit & 1)
        worth[inside] += worth[inside ^ (1 << bit)]
    assert worth[-1] == 19_785
    size = np.array([mask.bit_count() for mask in range(4096)])
    chance = np.array([factorial(s) * factorial(11 - s) / factorial(12) for s in range(12)])
    values = np.zeros(12)
    for bit in range(12):
        outside = np.flatnonzero(~np.arange(4096) >> bit & 1)
        gains = worth[outside | (1 << bit)] - worth[outside]
        values[bit] = (chance[size[outside]] * gains).sum()
    ours = shapley_conversions(paths)
    assert ours == pytest.approx(values, abs=1e-6)
    assert ours.sum() == pytest.approx(19_785)
