"""Names for the arrays that the value modules hand to one another."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Doubles: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Days: TypeAlias = NDArray[np.int64]
"""Whole days since 1970-01-01."""
