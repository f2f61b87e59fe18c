"""One configuration judged on held-out days: metrics with intervals, and a value a person.

On the validation days all that happened later is cut off first, so that an experiment, however
many configurations it tries, sees no day of the test. The days before them, on which every
configuration tunes its own blend, come earlier still.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trasos.errors import ConfigurationError, NotReadyError
from trasos.model_runs.objective import VALIDATION, Objective
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.evaluate import BASELINES, ROWS, EvaluationResult, evaluate, slices
from trasos.recommender.judge import PERSON_METRICS, Judgement
from trasos.recommender.params import RecommenderParams
from trasos.recommender.split import Split, split_as_tuned
from trasos.recommender.versions import data_snapshot, short_hash

METRICS = pa.schema(
    [
        ROWS.field(name)
        for name in ("model", "slice", "metric", "k", "value", "ci_low", "ci_high", "n_persons")
    ]
)
"""One row a (model, slice, metric): the rows of an evaluation without the differences."""

POSITION, SLICE_PREFIX = "position", "slice."


@dataclass(frozen=True)
class Judged:
    """What came of one configuration.

    Attributes:
        metrics: ``pyarrow.Table`` with schema ``METRICS``.
        values: ``pyarrow.Table``, one row a judged person: position (int32, the place among the
            judged; no id), a boolean column ``slice.NAME`` a slice and a float64 column
            ``METRIC@K`` a metric of the judged model.
        ground: name of who was judged on what; two runs can be compared where it is equal.
        split_at: seconds, the first moment of the held-out days.
        judged_through: seconds, the last moment of them.
        n_persons: judged persons.
        tuning: what the configuration chose for itself, names to numbers.
    """

    metrics: Any
    values: Any
    ground: str
    split_at: int
    judged_through: int
    n_persons: int
    tuning: dict[str, Any]


def judge_configuration(
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    held_out: str,
    objective: Objective,
) -> Judged:
    """Fit a configuration on all before the held-out days, and judge it on them.

    Args:
        log: all interactions.
        catalogue: products.
        params: the configuration.
        held_out: ``VALIDATION`` or ``TEST``.
        objective: names the model whose values a person are kept.

    Raises:
        NotReadyError: the log is too short to hold days out.
        ConfigurationError: no such model is judged, or nobody is in the slice.
    """
    name = data_snapshot(log, catalogue)
    if held_out == VALIDATION:
        log, params = _before_test(log, catalogue, params)
    result = evaluate(log, catalogue, params)
    split, judgement = result.split, result.judgement
    if split is None or judgement is None:
        raise NotReadyError(_too_short(log, params))
    if objective.model not in judgement.models:
        raise ConfigurationError(
            f"No model {objective.model!r} is judged; judged are: {', '.join(judgement.models)}."
        )
    members = slices(split, params)
    if objective.slice not in members or not members[objective.slice].any():
        found = ", ".join(each for each, flags in members.items() if flags.any())
        raise ConfigurationError(
            f"Nobody who was judged is in the slice {objective.slice!r}; there are: {found}."
        )
    return Judged(
        metrics=_metrics(result.rows),
        values=_values(judgement, split, params, objective.model),
        ground=_ground(name, held_out, split),
        split_at=split.split_at,
        judged_through=log.last_at,
        n_persons=len(split.persons),
        tuning=_tuning(result),
    )


def _before_test(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams
) -> tuple[InteractionLog, RecommenderParams]:
    """The log that ends where the test begins; the last days of it are judged as a test would."""
    test = split_as_tuned(log, catalogue, params, params.test_days)
    if test is None:
        raise NotReadyError(_too_short(log, params))
    past, _ = log.before(test.split_at).with_own_persons()
    return past, replace(params, test_days=params.validation_days)


def _too_short(log: InteractionLog, params: RecommenderParams) -> str:
    return (
        f"The log is too short: {params.test_days} days of test and {params.validation_days} of "
        f"validation leave nothing to learn from in {log.n_events:,} interactions, or nobody who "
        "came back. Lower test_days in vars.yml, or wait for more data."
    )


def _metrics(rows: Any) -> Any:
    """Each figure once: an evaluation has it once a baseline."""
    once = rows.filter(pc.equal(rows["baseline"], BASELINES[0]))
    return once.select(METRICS.names).cast(METRICS)


def _values(judgement: Judgement, split: Split, params: RecommenderParams, model: str) -> Any:
    own = judgement.values[:, judgement.models.index(model)]
    columns = {POSITION: pa.array(np.arange(len(own), dtype=np.int32))}
    for name, members in slices(split, params).items():
        columns[f"{SLICE_PREFIX}{name}"] = pa.array(members)
    for place, (metric, k) in enumerate(PERSON_METRICS):
        columns[f"{metric}@{k}"] = pa.array(np.ascontiguousarray(own[:, place]))
    return pa.table(columns)


def _ground(snapshot: str, held_out: str, split: Split) -> str:
    """Who was judged, what counted for them and what could be listed, as a name."""
    return short_hash(
        [
            snapshot,
            held_out,
            str(split.split_at),
            split.persons,
            split.relevant.indptr.astype(np.int64),
            split.relevant.indices.astype(np.int64),
            split.candidates,
        ]
    )


def _tuning(result: EvaluationResult) -> dict[str, Any]:
    """JSON knows no nan: what was not measured is null."""
    if result.tuning is None:
        return {}
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(result.tuning).items()
    }
