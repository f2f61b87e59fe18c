"""Whether a treatment does more for some than for others, without finding it by looking often."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from trasos.errors import ConfigurationError
from trasos.experiments.sample import Doubles

CORRECTIONS = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


def corrected(p_values: Sequence[float], method: str = "holm") -> Doubles:
    """p-values of several looks at one experiment, made up for their number.

    Args:
        p_values: (looks,) each 0..1.
        method: ``holm`` (1979: a false finding anywhere stays below alpha) or
            ``benjamini_hochberg`` (1995: of the findings a share of alpha is false).

    Returns:
        (looks,) corrected p-values, dtype float64.

    Raises:
        ConfigurationError: an unknown method.
    """
    if method not in CORRECTIONS:
        raise ConfigurationError(
            f"The correction is {method!r}: {' or '.join(CORRECTIONS)} is wanted."
        )
    if not len(p_values):
        return np.zeros(0)
    return np.asarray(multipletests(p_values, method=CORRECTIONS[method])[1], np.float64)


def heterogeneity(differences: Sequence[float], errors: Sequence[float]) -> float | None:
    """P of segments that differ no more than chance lets them: Cochran's Q (1954, Biometrics 10).

    Args:
        differences: (segments,) of treatment and control.
        errors: (segments,) their standard errors; a segment with none says nothing and is left out.

    Returns:
        p, or None with fewer than two segments that say something.
    """
    values, spread = np.asarray(differences, np.float64), np.asarray(errors, np.float64)
    told = spread > 0
    if told.sum() < 2:
        return None
    weight = 1 / spread[told] ** 2
    pooled = (weight * values[told]).sum() / weight.sum()
    q = (weight * (values[told] - pooled) ** 2).sum()
    return float(stats.chi2.sf(q, told.sum() - 1))
