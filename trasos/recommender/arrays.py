"""Names for the arrays that the recommender's modules hand to one another."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.int32]
"""Positions in the sorted ids of persons or products; -1 is a person without history."""

Moments: TypeAlias = NDArray[np.int64]
"""Seconds since 1970-01-01 UTC."""

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]

Sparse: TypeAlias = Any
"""A ``scipy.sparse.csr_array`` (scipy brings no type stubs)."""

SECONDS_A_DAY = 86_400
