"""A read-out that may be looked at every day, and stopped on what is seen.

An interval that is right once is wrong if one stops at the first look that pleases. The interval
here holds at all looks at once.

It is the normal mixture of Robbins (1970), as in the mixture sequential probability ratio test of
Johari, Koomen, Pekelis and Walsh (2022, Always Valid Inference, Operations Research 70) and, with
the variance estimated along the way, the asymptotic confidence sequence of Waudby-Smith, Arbour,
Sinha, Kennedy and Ramdas (2024, Time-uniform central limit theory and asymptotic confidence
sequences, Annals of Statistics 52): with a normal mixture the two are one formula. Units must enter
once, with their outcome complete: then each look only adds units.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from trasos.errors import ConfigurationError
from trasos.experiments.sample import Difference, Doubles


def mixture_weight(alpha: float) -> float:
    """The mixture's weight that makes the interval narrowest where the planned sample is reached.

    Waudby-Smith et al. (2024), on the choice of rho: rho**2 at t is this weight over t, by the
    lower branch of Lambert's W.
    """
    return float(-special.lambertw(-(alpha**2) / math.e, -1).real - 1)


def always_valid_factor(share: npt.ArrayLike, alpha: float = 0.05) -> Doubles:
    """Standard errors on each side of the difference, in place of the 1.96 of one look.

    Args:
        share: units so far as a share of those that were planned before the start; any shape,
            above 0.
        alpha: share of experiments whose interval may ever miss the truth, 0..1.

    Returns:
        Factors, shape of ``share``, dtype float64.

    Raises:
        ConfigurationError: an alpha outside 0..1.
    """
    if not 0 < alpha < 1:
        raise ConfigurationError(f"alpha is {alpha}: a share between 0 and 1 is wanted.")
    weighted = mixture_weight(alpha) * np.asarray(share, np.float64)
    factor: Doubles = np.sqrt((weighted + 1) / weighted * np.log((weighted + 1) / alpha**2))
    return factor


def always_valid(
    difference: float, standard_error: float, n: int, planned_n: int, alpha: float = 0.05
) -> Difference:
    """The interval and p-value of one look.

    Over all looks the interval misses the truth, or p falls below alpha where nothing differs, in a
    share of alpha of all experiments at most. Of several looks the smallest p stands.

    Args:
        difference: so far.
        standard_error: of the difference; above 0.
        n: units so far.
        planned_n: units that were planned; chosen before the first look, since it tunes the width.
        alpha: as of ``always_valid_factor``.

    Raises:
        ConfigurationError: an alpha outside 0..1, or no units planned.
    """
    if planned_n < 1:
        raise ConfigurationError(
            f"{planned_n} units are planned: give the sample that the experiment is to reach."
        )
    if n < 1 or not standard_error > 0:
        return Difference(difference, -math.inf, math.inf, 1.0)
    share = n / planned_n
    reach = float(always_valid_factor(share, alpha)) * standard_error
    weighted = mixture_weight(alpha) * share
    z = difference / standard_error
    log_ratio = 0.5 * z**2 * weighted / (weighted + 1) - 0.5 * math.log(weighted + 1)
    p_value = math.exp(-max(log_ratio, 0.0))
    return Difference(difference, difference - reach, difference + reach, p_value)
