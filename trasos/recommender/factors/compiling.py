"""How the kernels of this package are compiled: by numba, at their first call on a machine."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

LOGGER = logging.getLogger(__name__)

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

FASTER = {"reassoc", "contract", "nsz"}
"""What the compiler may do with a sum: take its terms in another order, which vectors need, and
fuse products into it. Which order is settled when it is compiled, so the same arguments give the
same bits. NaN and infinity keep their meaning."""


def kernel(function: Kernel) -> Kernel:
    """Compile a function over arrays at its first call, and keep the machine code on disk.

    Kernels let go of Python's lock, so that threads run them side by side; none starts threads of
    its own. Where no folder can be written, neither beside the source nor in the user's cache, each
    process compiles anew.

    Args:
        function: over numpy arrays and numbers; its callers see to one dtype and layout each, so
            that it is compiled once.
    """
    try:
        compiled = numba.njit(function, cache=True, nogil=True, fastmath=FASTER)
    except RuntimeError as error:
        # numba's "no locator available": nowhere to write.
        LOGGER.info("Kernels are compiled anew in each process: %s", error)
        compiled = numba.njit(function, cache=False, nogil=True, fastmath=FASTER)
    return cast(Kernel, compiled)
