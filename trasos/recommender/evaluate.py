"""The evaluation: every model beside its baselines, by slice, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from trasos.recommender.arrays import Doubles, Flags
from trasos.recommender.bootstrap import normal_interval, percentile_interval, resampled_means
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.judge import LIST_METRICS, PERSON_METRICS, Judgement, judge
from trasos.recommender.params import RecommenderParams
from trasos.recommender.ranking.ranked import Ranked
from trasos.recommender.split import Split, split_as_tuned
from trasos.recommender.threads import one_blas_thread
from trasos.recommender.tune import Tuning

BASELINES = ("popular", "popular_in_department", "chance_in_department")

ROWS = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("slice", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("k", pa.int32(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("ci_low", pa.float64()),
        pa.field("ci_high", pa.float64()),
        pa.field("n_persons", pa.int64(), nullable=False),
        pa.field("baseline", pa.string(), nullable=False),
        pa.field("difference", pa.float64(), nullable=False),
        pa.field("diff_low", pa.float64()),
        pa.field("diff_high", pa.float64()),
        pa.field("is_served", pa.bool_(), nullable=False),
    ]
)
"""One row a (model, slice, metric, baseline). A baseline also stands beside itself with difference
zero, so that filtering on one baseline leaves every model. Intervals are null for metrics of all
lists together (coverage, exposure_gini), which have no value a person, and for one person alone.
The model that persons with a history are answered by is served; the others are beside it."""


@dataclass(frozen=True)
class EvaluationResult:
    """What came out of an evaluation.

    Attributes:
        rows: table with schema ``ROWS``; empty where the log is too short to hold out a test.
        split_at: seconds, None where nothing was held out.
        tuning: weights of the blend and regularization of ALS, chosen before the test; None
            where nothing was held out.
        split: what was held out; None where nothing was.
        recommender: what was judged, fitted on all but the last days; None where nothing was.
        normal_gap: largest relative gap, over the headline's differences, between the width of
            the bootstrap interval and that of the normal one; a check, nan where there is none.
        judgement: what each model's lists were worth to each person; None where nothing was
            held out.
    """

    rows: Any
    split_at: int | None
    tuning: Tuning | None
    normal_gap: float
    split: Split | None = None
    recommender: Recommender | None = None
    judgement: Judgement | None = None


def evaluate(
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    *,
    n_threads: int = 0,
) -> EvaluationResult:
    """Fit on all but the last days, tune on the days before those, judge on the last.

    Slices: ``warm`` (persons with training history; the headline), ``new`` (without), ``heavy``
    (at least ``heavy_products`` products met in training) and ``all``. Slices nobody is in have
    no rows.

    Args:
        log: interactions up to now.
        catalogue: products.
        params: tunables.
        n_threads: threads of the ALS solver, 0 for all cores; nothing depends on it.
    """
    split = split_as_tuned(log, catalogue, params, params.test_days)
    if split is None:
        empty = ROWS.empty_table()
        return EvaluationResult(empty, None, None, float("nan"))
    with one_blas_thread():
        recommender = fit(split.train, catalogue, params, n_threads=n_threads)
        models = recommender.models(params.seed)
        if recommender.ranker.is_learnt:
            models = (*models, Ranked.over(recommender, split.train, catalogue))
        judgement = judge(recommender, models, split, catalogue)
    served = Ranked.name if recommender.ranker.serves else recommender.blend.name
    columns: dict[str, list[Any]] = {name: [] for name in ROWS.names}
    normal_gap = float("nan")
    for name, members in slices(split, params).items():
        if not members.any():
            continue
        comparison = _compare(judgement, members, params)
        _append(columns, name, judgement, members, comparison, served)
        if name == "warm":
            normal_gap = comparison.normal_gap
    return EvaluationResult(
        rows=pa.table(columns, schema=ROWS),
        split_at=split.split_at,
        tuning=recommender.tuning,
        normal_gap=normal_gap,
        split=split,
        recommender=recommender,
        judgement=judgement,
    )


def slices(split: Split, params: RecommenderParams) -> dict[str, Flags]:
    """Who belongs to which slice; bool of shape (n_persons,) each."""
    is_warm = split.persons >= 0
    n_met = np.diff(split.seen.indptr)[split.persons]
    return {
        "all": np.ones(len(split.persons), np.bool_),
        "warm": is_warm,
        "new": ~is_warm,
        "heavy": is_warm & (n_met >= params.heavy_products),
    }


@dataclass(frozen=True)
class _Comparison:
    """Means and ends of intervals; (n_models, n_metrics), differences (n_baselines, ...) more."""

    mean: Doubles
    low: Doubles
    high: Doubles
    diff_low: Doubles
    diff_high: Doubles
    normal_gap: float


def _compare(judgement: Judgement, members: Flags, params: RecommenderParams) -> _Comparison:
    values = judgement.values[members]
    n_persons, n_models, n_metrics = values.shape
    shape = (n_models, n_metrics)
    baselines = [judgement.models.index(name) for name in BASELINES]
    if n_persons < 2:
        nothing = np.full((len(baselines), *shape), np.nan)
        return _Comparison(
            values.mean(axis=0), nothing[0], nothing[0], nothing, nothing, float("nan")
        )
    flat = np.ascontiguousarray(values.reshape(n_persons, -1))
    means = resampled_means(flat, params.bootstrap_resamples, params.seed)
    low, high = percentile_interval(means, params.confidence)
    by_model = means.reshape(-1, *shape)
    lows, highs, gaps = [], [], []
    for baseline in baselines:
        difference = (by_model - by_model[:, [baseline]]).reshape(len(means), -1)
        ends = percentile_interval(difference, params.confidence)
        exact = (values - values[:, [baseline]]).reshape(n_persons, -1)
        gaps.append(_width_gap(ends, normal_interval(exact, params.confidence)))
        lows.append(ends[0].reshape(shape))
        highs.append(ends[1].reshape(shape))
    return _Comparison(
        mean=values.mean(axis=0),
        low=low.reshape(shape),
        high=high.reshape(shape),
        diff_low=np.array(lows),
        diff_high=np.array(highs),
        normal_gap=max(gaps),
    )


def _width_gap(ends: tuple[Doubles, Doubles], normal: tuple[Doubles, Doubles]) -> float:
    width, expected = ends[1] - ends[0], normal[1] - normal[0]
    differs = expected > 0
    gaps = np.abs(width[differs] / expected[differs] - 1)
    return float(gaps.max(initial=0.0))


def _append(
    columns: dict[str, list[Any]],
    name: str,
    judgement: Judgement,
    members: Flags,
    comparison: _Comparison,
    served: str,
) -> None:
    """Add the rows of one slice."""
    of_lists = judgement.of_lists(members)
    value = np.hstack([comparison.mean, of_lists])
    blank = np.full_like(of_lists, np.nan)
    low, high = (np.hstack([end, blank]) for end in (comparison.low, comparison.high))
    metrics = PERSON_METRICS + LIST_METRICS
    for position, baseline in enumerate(BASELINES):
        against = value[judgement.models.index(baseline)]
        diff_low, diff_high = (
            np.hstack([end[position], blank]) for end in (comparison.diff_low, comparison.diff_high)
        )
        for model, model_name in enumerate(judgement.models):
            for metric, (metric_name, k) in enumerate(metrics):
                cell = model, metric
                row = {
                    "model": model_name,
                    "slice": name,
                    "metric": metric_name,
                    "k": k,
                    "value": float(value[cell]),
                    "ci_low": _or_null(low[cell]),
                    "ci_high": _or_null(high[cell]),
                    "n_persons": int(members.sum()),
                    "baseline": baseline,
                    "difference": float(value[cell] - against[metric]),
                    "diff_low": _or_null(diff_low[cell]),
                    "diff_high": _or_null(diff_high[cell]),
                    "is_served": model_name == served,
                }
                for column, entry in row.items():
                    columns[column].append(entry)


def _or_null(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
