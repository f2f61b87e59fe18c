"""The primary metric by segment: for whom it does more, and how sure that is."""

from __future__ import annotations

import math
from typing import Any

from trasos.experiments.params import ReadoutParams
from trasos.experiments.readout import compare, status
from trasos.experiments.sample import Sample
from trasos.experiments.segments import corrected, heterogeneity
from trasos.experiments.setup import Experiment
from trasos.experiments.units import SEGMENTS, Units

ALL = "all"
"""The segment of a row that says why there are no segments."""


def segment_rows(experiment: Experiment, units: Units, params: ReadoutParams) -> list[Any]:
    """Rows of ``tables.SEGMENT_ROWS``; Holm's correction goes over all segments of a treatment.

    Segments are read once, with the fixed read-out: nothing makes up for looks before it, and a
    lopsided sample is lopsided within them too. Until then one row of ALL says why there is none.

    Args:
        experiment: what was decided before.
        units: its persons.
        params: tunables; alpha is shared among the treatments (Bonferroni), not among segments.
    """
    alpha = params.alpha / len(experiment.treatments)
    rows: list[Any] = []
    for treatment in experiment.treatments:
        said = status(experiment, units, treatment, params)
        if said == "read":
            looked_at = units.at_planned_end(experiment.planned_persons)
            rows += _of_treatment(experiment, looked_at, treatment, alpha, params.min_persons)
        else:
            rows.append(_row(experiment, treatment, ALL, ALL, said))
    return rows


def _row(
    experiment: Experiment, treatment: str, segment: str, value: str, said: str
) -> dict[str, Any]:
    return {
        "experiment_id": experiment.experiment_id,
        "metric": experiment.metrics[0].name,
        "variation_id": treatment,
        "segment": segment,
        "segment_value": value,
        "status": said,
    }


def _of_treatment(
    experiment: Experiment, units: Units, treatment: str, alpha: float, min_persons: int
) -> list[Any]:
    metric = experiment.metrics[0]
    values = units.numbers[metric.name]
    rows: list[dict[str, Any]] = []
    for segment in SEGMENTS:
        among: list[dict[str, Any]] = []
        errors = []
        for value in sorted(set(units.segments[segment])):
            inside = units.segments[segment] == value
            control, treated = (
                values[inside & units.of(name)] for name in (experiment.control, treatment)
            )
            row = _row(experiment, treatment, segment, value, "too_few_persons")
            row |= {"n_control": len(control), "n_treatment": len(treated)}
            rows.append(row)
            if min(len(control), len(treated)) < min_persons:
                continue
            pair = (Sample.of(control), Sample.of(treated))
            found = compare(metric, *pair, alpha)
            among.append(row)
            errors.append(math.sqrt(sum(each.variance_of_mean for each in pair)))
            row |= {
                "status": "read",
                "mean_control": pair[0].mean,
                "mean_treatment": pair[1].mean,
                "difference": found.value,
                "diff_low": found.low,
                "diff_high": found.high,
                "p_value": found.p_value,
            }
        p_same = heterogeneity([row["difference"] for row in among], errors)
        for row in among:
            row["heterogeneity_p_value"] = p_same
    read = [row for row in rows if row["status"] == "read"]
    for row, p_value in zip(read, corrected([row["p_value"] for row in read]), strict=True):
        row["corrected_p_value"] = float(p_value)
    return rows
