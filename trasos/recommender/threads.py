"""One thread for BLAS: sums then have one order, and the answers their last bit."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits


def one_blas_thread() -> AbstractContextManager[object]:
    """Limit BLAS to one thread; an environment variable would come too late within dbt."""
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits
