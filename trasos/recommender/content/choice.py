"""How much each of several opinions counts, learnt from what persons chose among what they saw.

Conditional logit (McFadden 1974, "Conditional logit analysis of qualitative choice behavior"): the
chance that a person chooses a product is its score over the sum of the scores of all that could be
chosen, and the score is a product of factors, each to a power. The likelihood of what was chosen is
concave in the powers, so that one maximum is found from anywhere. With alternatives drawn evenly
from all the estimate stays consistent (same work, section on sampled alternatives).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles, Flags
from trasos.recommender.threads import one_blas_thread

STEPS = 500
"""Steps of L-BFGS; some thirty are taken."""


def fit_powers(logs: Doubles, is_chosen: Flags, sizes: Codes, ridge: float) -> Doubles:
    """The powers that make what was chosen most likely.

    Args:
        logs: float64 (n, k), logarithms of k factors, a row an alternative; those of one person
            stand together.
        is_chosen: bool (n,).
        sizes: int (n_persons,), alternatives of each person, in the order of the rows.
        ridge: times the sum of squared powers, taken from the mean log-likelihood of a choice.

    Returns:
        float64 (k,); negative for a factor that speaks against.

    Raises:
        InputError: nothing was chosen, a factor is not finite, or the sizes do not add up.
    """
    if len(sizes) == 0 or sizes.min() < 1 or int(sizes.sum()) != len(logs):
        raise InputError(
            f"sizes add up to {int(np.sum(sizes)):,} for {len(logs):,} alternatives: every person "
            "has one or more, and all have a row."
        )
    if not is_chosen.any() or not np.isfinite(logs).all():
        raise InputError("Powers are learnt from finite logarithms and at least one choice.")
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    chosen = np.add.reduceat(is_chosen.astype(np.float64), start)
    total = chosen.sum()
    found = logs[is_chosen].sum(axis=0)

    def loss(powers: Doubles) -> tuple[float, Doubles]:
        score = logs @ powers
        largest = np.maximum.reduceat(score, start)
        share = np.exp(score - np.repeat(largest, sizes))
        of_person = np.add.reduceat(share, start)
        share *= np.repeat(chosen / of_person, sizes)
        likelihood = found @ powers - chosen @ (np.log(of_person) + largest)
        slope = (share @ logs - found) / total + 2 * ridge * powers
        return float(-likelihood / total + ridge * powers @ powers), slope

    with one_blas_thread():
        solved = minimize(
            loss, np.zeros(logs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
        )
    return np.asarray(solved.x, np.float64)
