"""Maximum likelihood of positive parameters: bounded, from several starts, and with a status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from trasos.value.arrays import Doubles

LOG_BOUND = 9.0
"""Natural logarithm of the largest (and, negative, of the smallest) parameter after scaling."""
TOLERANCE = 1e-3
"""Largest slope of the mean log-likelihood, by the log of a parameter, that counts as a top."""
PRIOR_SD = 3.0
"""Of the log of a parameter, where uncertainty alone is concerned: see ``Fit.log_covariance``."""

Objective = Callable[[Doubles], tuple[float, Doubles]]
"""Log-likelihood and its slope by the logs of the parameters, at those logs."""


@dataclass(frozen=True)
class Fit:
    """What a fit came to.

    Attributes:
        log_parameters: (k,) natural logs of the parameters.
        log_covariance: (k, k) of those logs: inverse of the observed information, to which the
            information of a normal prior with sd ``PRIOR_SD`` is added so that a direction in
            which the likelihood is flat is wide, not infinite. The estimate itself has no prior.
        log_likelihood: at the estimate.
        status: ``converged``; ``at_bound``, where the likelihood rises towards a parameter that
            is zero or infinite (predictions are sound, the parameter is not); or
            ``not_converged``.
    """

    log_parameters: Doubles
    log_covariance: Doubles
    log_likelihood: float
    status: str

    @property
    def parameters(self) -> Doubles:
        """The parameters themselves, (k,)."""
        return np.exp(self.log_parameters)

    def draws(self, rng: np.random.Generator, count: int) -> Doubles:
        """Parameters from the normal approximation of their logs, shape (count, k)."""
        values, vectors = np.linalg.eigh(self.log_covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = rng.standard_normal((count, len(values)))
        logs = self.log_parameters + noise @ root.T
        drawn: Doubles = np.exp(np.clip(logs, -LOG_BOUND - 3, LOG_BOUND + 3))
        return drawn


def maximise(objective: Objective, starts: Sequence[Sequence[float]], weight: float) -> Fit:
    """Find the parameters of greatest likelihood.

    L-BFGS-B in the logs of the parameters, from every start; the best end wins, the first among
    equals.

    Args:
        objective: what is to be made great.
        starts: logs of parameters to begin with.
        weight: number of observations, by which the likelihood is scaled.
    """

    def scaled(logs: Doubles) -> tuple[float, Doubles]:
        value, slope = objective(logs)
        if not np.isfinite(value) or not np.isfinite(slope).all():
            # A wall, so that a line search turns back; 1e10 is worse than any mean likelihood.
            return 1e10, np.zeros_like(logs)
        return -value / weight, -slope / weight

    best = None
    for start in starts:
        found = minimize(
            scaled,
            np.asarray(start, np.float64),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-LOG_BOUND, LOG_BOUND)] * len(start),
            options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9},
        )
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun - 1e-12):
            best = found
    assert best is not None  # minimize always answers, and the wall is finite
    logs = np.asarray(best.x, np.float64)
    value, slope = objective(logs)
    at_bound = np.abs(logs) > LOG_BOUND - 0.5
    is_top = np.isfinite(value) and bool(np.all(np.abs(slope[~at_bound]) / weight < TOLERANCE))
    status = "not_converged" if not is_top else "at_bound" if at_bound.any() else "converged"
    return Fit(logs, _covariance(objective, logs), float(value), status)


def _covariance(objective: Objective, logs: Doubles, step: float = 1e-4) -> Doubles:
    """From central differences of the slope; directions of negative information count as flat."""
    count = len(logs)
    information = np.zeros((count, count))
    for k in range(count):
        shift = np.zeros(count)
        shift[k] = step
        up, down = objective(logs + shift)[1], objective(logs - shift)[1]
        information[k] = -(up - down) / (2 * step)
    information = (information + information.T) / 2
    values, vectors = np.linalg.eigh(np.where(np.isfinite(information), information, 0.0))
    precision = np.maximum(values, 0.0) + PRIOR_SD**-2
    covariance: Doubles = (vectors / precision) @ vectors.T
    return covariance
