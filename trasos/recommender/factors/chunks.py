"""Parts of fixed size, worked on by as many threads as there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

ROWS_AT_ONCE = 1 << 10
"""Of factors: 256 KB at 64 dimensions. Fixed, so that no sum hangs on how many threads work."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def chunks(n: int, size: int = ROWS_AT_ONCE) -> Iterator[slice]:
    """Slices of so many rows, the last one shorter."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def in_threads(
    work: Callable[[Part], Result], parts: Iterable[Part], n_threads: int
) -> list[Result]:
    """Results of parts, in their order.

    Args:
        work: lets go of Python's lock where it counts, as kernels and numpy's products do.
        parts: what to work on.
        n_threads: 0 for all cores.
    """
    if threads(n_threads) == 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads(n_threads), thread_name_prefix="factors") as pool:
        return list(pool.map(work, parts))


def threads(wanted: int) -> int:
    """As many threads as are wanted; as there are cores where that is 0."""
    return wanted or os.cpu_count() or 1
