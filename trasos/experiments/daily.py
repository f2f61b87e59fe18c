"""What each day would have read: the path along which one may look and stop."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from scipy import stats

from trasos.experiments.params import ReadoutParams
from trasos.experiments.readout import READ, status
from trasos.experiments.sample import Doubles
from trasos.experiments.sequential import always_valid_factor, mixture_weight
from trasos.experiments.setup import Experiment
from trasos.experiments.units import Units


def path(
    values: Doubles,
    treated: np.ndarray,
    day: np.ndarray,
    planned: int,
    alpha: float,
    min_persons: int = 2,
) -> dict[str, np.ndarray]:
    """Read a metric at the end of each day on which units were added.

    Args:
        values: (units,) outcomes, dtype float64.
        treated: (units,) whether the unit is in the treatment, dtype bool.
        day: (units,) day on which its outcome was complete, any type that sorts.
        planned: units that were planned.
        alpha: share of paths whose sequential interval may ever miss the truth.
        min_persons: units that each group needs before a day is read.

    Returns:
        Arrays of one length by name: day, n_control, n_treatment, mean_control, mean_treatment,
        difference, fixed_low, fixed_high, sequential_low, sequential_high, sequential_p_value.
        The last is the smallest so far. Days before the groups are large enough, or have any
        spread, are left out.
    """
    days, place = np.unique(day, return_inverse=True)
    centre = values.mean() if len(values) else 0.0
    sums = {}
    for name, group in (("control", ~treated), ("treatment", treated)):
        shifted = values[group] - centre
        parts = (np.ones(int(group.sum())), shifted, shifted**2)
        n, total, squares = (
            np.cumsum(np.bincount(place[group], weights=part, minlength=len(days)))
            for part in parts
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / n
            sums[name] = (n, mean + centre, (squares - n * mean**2) / (n - 1) / n)
    (n_control, mean_control, var_control) = sums["control"]
    (n_treatment, mean_treatment, var_treatment) = sums["treatment"]
    variance = var_control + var_treatment
    with np.errstate(invalid="ignore"):
        large = np.minimum(n_control, n_treatment) >= max(min_persons, 2)
        kept = large & (variance > 1e-18)
    n_control, n_treatment = n_control[kept], n_treatment[kept]
    error = np.sqrt(variance[kept])
    difference = (mean_treatment - mean_control)[kept]
    share = (n_control + n_treatment) / planned
    fixed = float(stats.norm.ppf(1 - alpha / 2)) * error
    reach = always_valid_factor(share, alpha) * error
    weighted = mixture_weight(alpha) * share
    log_ratio = 0.5 * (difference / error) ** 2 * weighted / (weighted + 1) - 0.5 * np.log(
        weighted + 1
    )
    p_values = np.exp(-np.maximum(log_ratio, 0.0))
    return {
        "day": days[kept],
        "n_control": n_control.astype(np.int64),
        "n_treatment": n_treatment.astype(np.int64),
        "mean_control": mean_control[kept],
        "mean_treatment": mean_treatment[kept],
        "difference": difference,
        "fixed_low": difference - fixed,
        "fixed_high": difference + fixed,
        "sequential_low": difference - reach,
        "sequential_high": difference + reach,
        "sequential_p_value": np.minimum.accumulate(p_values) if len(p_values) else p_values,
    }


def daily_rows(experiment: Experiment, units: Units, params: ReadoutParams) -> list[Any]:
    """Rows of ``tables.DAILY``, for the primary metric and the guard-rails."""
    alpha = params.alpha / len(experiment.treatments)
    weights = dict(experiment.allocation.weights)
    rows = []
    for metric in experiment.metrics:
        for treatment in experiment.treatments:
            if metric.role == "secondary":
                continue
            if status(experiment, units, treatment, params) not in READ:
                continue
            pair = units.of(experiment.control) | units.of(treatment)
            share = (weights[experiment.control] + weights[treatment]) / sum(weights.values())
            found = path(
                units.numbers[metric.name][pair],
                units.of(treatment)[pair],
                units.closed[pair],
                max(round(experiment.planned_persons * share), 1),
                alpha,
                params.min_persons,
            )
            for k in range(len(found["day"])):
                row = {name: column[k].item() for name, column in found.items()}
                moment: dt.date = row.pop("day")
                rows.append(
                    {
                        "experiment_id": experiment.experiment_id,
                        "metric": metric.name,
                        "variation_id": treatment,
                        "read_date": moment,
                        **row,
                    }
                )
    return rows
