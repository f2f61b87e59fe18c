"""CUPED: what was known of people before takes out noise that is not the treatment's.

Deng, Xu, Kohavi and Walker (2013), Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data, WSDM. The covariate must come from before the exposure: one that the
treatment touches would take out part of its effect.
"""

from __future__ import annotations

import numpy as np

from trasos.errors import InputError
from trasos.experiments.sample import Doubles


def cuped(values: Doubles, covariates: Doubles) -> Doubles:
    """Values with what the covariates foretell taken out; their mean over all units stays.

    theta is the least-squares slope over all units of all groups at once, centred at the mean of
    all: the groups' expected difference is not moved.

    Args:
        values: (units,) outcomes, dtype float64.
        covariates: (units,) or (units, k) what was known before exposure; a column that does not
            vary says nothing and changes nothing.

    Returns:
        (units,) adjusted values, dtype float64.

    Raises:
        InputError: shapes that do not fit, or numbers that are not finite.
    """
    outcomes = np.asarray(values, np.float64)
    known = np.asarray(covariates, np.float64)
    known = known[:, None] if known.ndim == 1 else known
    if outcomes.ndim != 1 or len(known) != len(outcomes):
        raise InputError(
            f"{len(known)} rows of covariates do not fit {outcomes.shape} outcomes: one row a unit."
        )
    if not (np.isfinite(known).all() and np.isfinite(outcomes).all()):
        raise InputError(
            "Outcomes or covariates are not finite: who was not there before has 0, not null."
        )
    if not len(outcomes):
        return outcomes
    centred = known - known.mean(axis=0)
    theta = np.linalg.lstsq(centred, outcomes - outcomes.mean(), rcond=None)[0]
    adjusted: Doubles = outcomes - centred @ theta
    return adjusted
