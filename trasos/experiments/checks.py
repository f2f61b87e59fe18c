"""Whether an experiment may be believed at all: groups as drawn, people in one group, quiet A/A."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from trasos.experiments.assignment import BUCKETS, buckets
from trasos.experiments.params import ReadoutParams
from trasos.experiments.readout import compare
from trasos.experiments.sample import Sample
from trasos.experiments.sample_ratio import sample_ratio
from trasos.experiments.setup import Experiment
from trasos.experiments.units import Units

CHECKED = (
    "sample_ratio",
    "contamination",
    "unknown_variation",
    "unvalued_orders",
    "aa_false_alarms",
)
"""Names of the checks."""


def check_rows(experiment: Experiment, units: Units, params: ReadoutParams) -> list[Any]:
    """Rows of ``tables.CHECKS``: passed, failed, or a word on why nothing can be checked."""
    exposed = sum(units.statuses.values())
    if not exposed:
        found = [{"check_name": name, "status": "no_exposures", "n_persons": 0} for name in CHECKED]
    else:
        found = [
            _ratio(experiment, units, params),
            _left_out("contamination", units.statuses["contaminated"], exposed, params),
            _left_out("unknown_variation", units.statuses["unknown_variation"], exposed, params),
            _unvalued(units),
            _aa(experiment, units, params),
        ]
    return [{"experiment_id": experiment.experiment_id, **row} for row in found]


def _ratio(experiment: Experiment, units: Units, params: ReadoutParams) -> dict[str, Any]:
    """The largest deviation of a group's share from its weight, with the p of all of them."""
    row: dict[str, Any] = {"check_name": "sample_ratio", "n_persons": len(units)}
    if not len(units):
        return row | {"status": "no_closed_window"}
    counts = np.array(units.counts(experiment), np.float64)
    weights = np.array([weight for _, weight in experiment.allocation.weights], np.float64)
    found = sample_ratio(counts.tolist(), weights.tolist(), params.sample_ratio_alpha)
    wanted, share = weights / weights.sum(), counts / max(counts.sum(), 1.0)
    worst = int(np.abs(share - wanted).argmax())
    reach = float(stats.norm.ppf(1 - params.sample_ratio_alpha / 2))
    spread = reach * float(np.sqrt(wanted[worst] * (1 - wanted[worst]) / counts.sum()))
    return row | {
        "status": "failed" if found.is_mismatch else "passed",
        "observed": float(share[worst]),
        "expected_low": float(wanted[worst]) - spread,
        "expected_high": float(wanted[worst]) + spread,
        "p_value": found.p_value,
    }


def _left_out(name: str, count: int, exposed: int, params: ReadoutParams) -> dict[str, Any]:
    """Persons that are left out."""
    share = count / exposed
    return {
        "check_name": name,
        "status": "failed" if share > params.max_left_out_share else "passed",
        "n_persons": count,
        "observed": share,
        "expected_low": 0.0,
        "expected_high": params.max_left_out_share,
    }


def _unvalued(units: Units) -> dict[str, Any]:
    """Orders in a currency without a rate: none may be, since their money is counted as nothing."""
    lacking = units.numbers["unvalued_order_count"]
    orders = float(units.numbers["order_count"].sum())
    return {
        "check_name": "unvalued_orders",
        "status": "failed" if lacking.sum() else "passed",
        "n_persons": int((lacking > 0).sum()),
        "observed": float(lacking.sum()) / orders if orders else 0.0,
        "expected_low": 0.0,
        "expected_high": 0.0,
    }


def _aa(experiment: Experiment, units: Units, params: ReadoutParams) -> dict[str, Any]:
    """Split the control by other salts, where nothing differs, and count what is found.

    The hash, the metric's real spread and the read-out are tried together. Splits share their
    persons, so the count varies a little more than independent ones would: the bounds are those of
    99.9 %.
    """
    inside = units.of(experiment.control)
    row: dict[str, Any] = {"check_name": "aa_false_alarms", "n_persons": int(inside.sum())}
    if inside.sum() < 2 * params.min_persons or not params.aa_runs:
        return row | {"status": "too_few_persons" if params.aa_runs else "switched_off"}
    metric = experiment.metrics[0]
    values, persons = units.numbers[metric.name][inside], units.person_id[inside].tolist()
    alarms = 0
    for run in range(params.aa_runs):
        half = buckets(f"{experiment.allocation.salt}.aa{run}", persons) < BUCKETS // 2
        pair = Sample.of(values[~half]), Sample.of(values[half])
        alarms += compare(metric, *pair, params.alpha).p_value < params.alpha
    low, high = stats.binom.ppf([0.0005, 0.9995], params.aa_runs, params.alpha) / params.aa_runs
    rate = alarms / params.aa_runs
    return row | {
        "status": "passed" if low <= rate <= high else "failed",
        "observed": rate,
        "expected_low": float(low),
        "expected_high": float(high),
    }
