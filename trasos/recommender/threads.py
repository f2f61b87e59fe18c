"""One thread for BLAS: sums then have one order, and the answers their last bit."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

# numpy and scipy bring a BLAS each, and both have to be loaded to be found.
import numpy as np  # noqa: F401
import scipy.linalg  # noqa: F401
from threadpoolctl import ThreadpoolController


def one_blas_thread() -> AbstractContextManager[object]:
    """Limit BLAS to one thread; an environment variable would come too late within dbt."""
    limits: AbstractContextManager[object] = _loaded().limit(limits=1, user_api="blas")
    return limits


@cache
def _loaded() -> ThreadpoolController:
    """The libraries of this process: to look for them takes 6 ms, to limit them 0.04."""
    return ThreadpoolController()
