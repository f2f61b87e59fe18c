"""The read-out of one experiment: each metric, each treatment beside the control."""

from __future__ import annotations

import math
from typing import Any

from scipy import stats

from trasos.experiments.cuped import cuped
from trasos.experiments.difference import conversion_difference, mean_difference
from trasos.experiments.guard_rails import guard_rail
from trasos.experiments.lift import relative_lift
from trasos.experiments.params import ReadoutParams
from trasos.experiments.sample import Difference, Doubles, Sample
from trasos.experiments.sample_ratio import sample_ratio
from trasos.experiments.sequential import always_valid, always_valid_factor
from trasos.experiments.setup import Experiment, Metric
from trasos.experiments.units import Units

READ = ("running", "read", "sample_ratio_mismatch")
"""Statuses of rows that hold figures."""


def readout_rows(experiment: Experiment, units: Units, params: ReadoutParams) -> list[Any]:
    """Rows of ``tables.READOUTS``; an experiment without exposures has them too, with its status.

    Args:
        experiment: what was decided before.
        units: its persons; those beyond the planned number are left to the path by day.
        params: tunables; alpha is shared among the treatments (Bonferroni).
    """
    alpha = params.alpha / len(experiment.treatments)
    looked_at = units.at_planned_end(experiment.planned_persons)
    rows = []
    for metric in experiment.metrics:
        for treatment in experiment.treatments:
            row: dict[str, Any] = {
                "experiment_id": experiment.experiment_id,
                "metric": metric.name,
                "role": metric.role,
                "direction": "up" if metric.higher_is_better else "down",
                "control_variation_id": experiment.control,
                "variation_id": treatment,
                "status": status(experiment, units, treatment, params),
                "margin_share": metric.margin,
                "n_control": int(looked_at.of(experiment.control).sum()),
                "n_treatment": int(looked_at.of(treatment).sum()),
            }
            if row["status"] in READ:
                row |= _figures(experiment, looked_at, metric, treatment, alpha, params.power)
                row["decision"] = {
                    "running": row["sequential_verdict"],
                    "read": row["verdict"],
                    "sample_ratio_mismatch": "withheld",
                }[row["status"]]
            rows.append(row)
    return rows


def status(experiment: Experiment, units: Units, treatment: str, params: ReadoutParams) -> str:
    """Why a comparison has figures, or none."""
    sizes = [int(units.of(name).sum()) for name in (experiment.control, treatment)]
    if not units.statuses:
        return "no_exposures"
    if not len(units):
        return "no_closed_window"
    if not all(sizes):
        return "empty_group"
    if min(sizes) < params.min_persons:
        return "too_few_persons"
    weights = [weight for _, weight in experiment.allocation.weights]
    if sample_ratio(units.counts(experiment), weights, params.sample_ratio_alpha).is_mismatch:
        return "sample_ratio_mismatch"
    return "read" if experiment.is_over(len(units), units.as_of) else "running"


def compare(metric: Metric, control: Sample, treatment: Sample, alpha: float) -> Difference:
    """The fixed comparison that suits a metric: Newcombe's of shares, Welch's of means."""
    if metric.is_share:
        pairs = [(round(each.mean * each.n), each.n) for each in (control, treatment)]
        return conversion_difference(pairs[0], pairs[1], alpha)
    return mean_difference(control, treatment, alpha)


def verdict(low: float, high: float, higher_is_better: bool) -> str:
    """``better`` or ``worse`` where the interval leaves out zero, else ``open``."""
    if low > 0 or high < 0:
        return "better" if (low > 0) == higher_is_better else "worse"
    return "open"


def _figures(
    experiment: Experiment,
    units: Units,
    metric: Metric,
    treatment: str,
    alpha: float,
    power: float,
) -> dict[str, Any]:
    values = units.numbers[metric.name]
    control, treated = units.samples(values, experiment.control, treatment)
    error = math.sqrt(control.variance_of_mean + treated.variance_of_mean)
    fixed = compare(metric, control, treated, alpha)
    lift = relative_lift(control, treated, alpha)
    # The sample so far, as a share of what this comparison was to have of the planned one.
    weights = dict(experiment.allocation.weights)
    pair_weight = weights[experiment.control] + weights[treatment]
    planned = max(round(experiment.planned_persons * pair_weight / sum(weights.values())), 1)
    n = control.n + treated.n
    anytime = always_valid(fixed.value, error, n, planned, alpha)
    up = metric.higher_is_better
    said = verdict(fixed.low, fixed.high, up)
    said_anytime = verdict(anytime.low, anytime.high, up)
    found: dict[str, Any] = {}
    if metric.margin is not None:
        rail = guard_rail(control, treated, metric.margin, up, alpha)
        said, found["guard_rail_p_value"] = rail.verdict, rail.p_held
        factor = float(always_valid_factor(n / planned, alpha))
        said_anytime = "open" if abs(rail.z) < factor else "held" if rail.z > 0 else "broken"
    quantile = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power))
    return found | {
        "mean_control": control.mean,
        "mean_treatment": treated.mean,
        "method": "newcombe" if metric.is_share else "welch",
        "confidence_level": 1 - alpha,
        "difference": fixed.value,
        "diff_low": fixed.low,
        "diff_high": fixed.high,
        "p_value": fixed.p_value,
        "verdict": said,
        "lift": lift.value,
        "lift_low": lift.low,
        "lift_high": lift.high,
        "detectable_difference": quantile * error if error > 0 else None,
        "sequential_low": anytime.low if math.isfinite(anytime.low) else None,
        "sequential_high": anytime.high if math.isfinite(anytime.high) else None,
        "sequential_p_value": anytime.p_value,
        "sequential_verdict": said_anytime,
        **_adjusted(units, values, metric, experiment.control, treatment, alpha, error),
    }


def _adjusted(
    units: Units,
    values: Doubles,
    metric: Metric,
    control: str,
    treatment: str,
    alpha: float,
    error: float,
) -> dict[str, Any]:
    """The same with what was known of persons before taken out."""
    adjusted = cuped(values, units.covariates(metric.name))
    pair = units.samples(adjusted, control, treatment)
    found = mean_difference(*pair, alpha)
    remaining = sum(each.variance_of_mean for each in pair)
    return {
        "cuped_difference": found.value,
        "cuped_low": found.low,
        "cuped_high": found.high,
        "cuped_p_value": found.p_value,
        "variance_reduction_rate": 1 - remaining / error**2 if error > 0 else None,
    }
