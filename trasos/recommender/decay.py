"""How the weight of an event fades with its age."""

from __future__ import annotations

import numpy as np

from trasos.recommender.arrays import SECONDS_A_DAY, Doubles, Floats, Moments


def decayed(weight: Floats, event_at: Moments, as_of: int, half_life_days: float) -> Doubles:
    """Weight times 0.5 to the power of age over half-life.

    Args:
        weight: base weights.
        event_at: seconds, none later than ``as_of``.
        as_of: seconds; the moment from which ages count.
        half_life_days: days after which an event counts half.

    Returns:
        float64, as long as ``weight``.
    """
    age_days = (as_of - event_at) / SECONDS_A_DAY
    return np.asarray(weight * np.exp2(-age_days / half_life_days), np.float64)
