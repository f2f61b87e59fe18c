"""Two runs beside each other: paired differences on the same persons, and what they say in words.

One resample draws persons for both runs and all metrics at once, so that the interval of a
difference knows that both were judged on the same people (``trasos.recommender.bootstrap``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trasos.errors import ConfigurationError, NotReadyError
from trasos.model_runs.experiment import parameters_of
from trasos.model_runs.judging import POSITION, SLICE_PREFIX
from trasos.model_runs.objective import VALIDATION, Objective
from trasos.model_runs.records import DONE, Kept, Run, find, kept_runs, read_values
from trasos.recommender.arrays import Doubles
from trasos.recommender.bootstrap import percentile_interval, resampled_means


@dataclass(frozen=True)
class Difference:
    """One figure of both runs.

    Attributes:
        slice: whose persons.
        metric: with its length, as ``ndcg@10``.
        ours: of the first run.
        theirs: of the second.
        low: lower end of the interval of ours - theirs; None where there is none.
        high: upper end.
        n_persons: persons of the slice.
    """

    slice: str
    metric: str
    ours: float
    theirs: float
    low: float | None
    high: float | None
    n_persons: int

    @property
    def value(self) -> float:
        """Ours - theirs."""
        return self.ours - self.theirs

    @property
    def is_shown(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Comparison:
    """What two runs differ by.

    Attributes:
        ours: the first run.
        theirs: the second.
        differences: by slice and metric.
        words: what follows for the objective of the first, in sentences.
        confidence: of the intervals.
    """

    ours: Run
    theirs: Run
    differences: tuple[Difference, ...]
    words: tuple[str, ...]
    confidence: float


def compare(artefacts: Path, ours: str, theirs: str) -> Comparison:
    """Compare two runs.

    Args:
        artefacts: folder of all artefacts.
        ours: id of a run.
        theirs: id of another.

    Raises:
        ConfigurationError: they were judged on different data, persons, days or models.
        NotReadyError: one is not there, failed, or holds no values any more.
        InputError: one is damaged.
    """
    first, second = find(artefacts, ours), find(artefacts, theirs)
    _check(first.run, second.run)
    params = parameters_of(first.run)
    values = [read_values(artefacts, kept.run) for kept in (first, second)]
    if not values[0].select([POSITION]).equals(values[1].select([POSITION])):
        raise ConfigurationError(f"{ours} and {theirs} list different persons: nothing is paired.")
    slices = [name for name in values[0].column_names if name.startswith(SLICE_PREFIX)]
    metrics = [name for name in values[0].column_names if "@" in name]
    tables = [np.column_stack([table[name].to_numpy() for name in metrics]) for table in values]
    found: list[Difference] = []
    for name in slices:
        members = values[0][name].to_numpy(zero_copy_only=False)
        if members.any():
            label = name.removeprefix(SLICE_PREFIX)
            pair = tables[0][members], tables[1][members]
            found += _differences(
                label, metrics, *pair, params.bootstrap_resamples, params.confidence, params.seed
            )
    found += _of_lists(first, second, {each.slice: each.n_persons for each in found})
    headline = _headline(found, first.run.objective)
    tried = _tried(artefacts, first.run, second.run)
    words = in_words(first.run, second.run, headline, params.min_persons, tried)
    return Comparison(first.run, second.run, tuple(found), words, params.confidence)


def _check(ours: Run, theirs: Run) -> None:
    for run in (ours, theirs):
        if run.status != DONE:
            raise NotReadyError(f"{run.run_id} failed, so there is nothing to compare: {run.error}")
    if ours.run_id == theirs.run_id:
        raise ConfigurationError(f"{ours.run_id} is the same run twice: name two.")
    pair = f"{ours.run_id} and {theirs.run_id} cannot be compared"
    if ours.data_snapshot != theirs.data_snapshot:
        raise ConfigurationError(
            f"{pair}: they were judged on different data ({ours.data_snapshot} and "
            f"{theirs.data_snapshot}). Run one of them again on today's."
        )
    if ours.held_out != theirs.held_out:
        raise ConfigurationError(
            f"{pair}: {ours.run_id} was judged on the {ours.held_out} days, {theirs.run_id} on the "
            f"{theirs.held_out} days."
        )
    if ours.ground != theirs.ground:
        raise ConfigurationError(
            f"{pair}: other persons or products were judged, since the split was another one."
        )
    if ours.objective.model != theirs.objective.model:
        raise ConfigurationError(
            f"{pair}: one kept what persons got of {ours.objective.model}, the other of "
            f"{theirs.objective.model}."
        )


def _differences(
    name: str,
    metrics: list[str],
    ours: Doubles,
    theirs: Doubles,
    n_resamples: int,
    confidence: float,
    seed: int,
) -> list[Difference]:
    n_persons, n_metrics = ours.shape
    low = high = None
    if n_persons > 1:
        difference = np.ascontiguousarray(ours - theirs)
        means = resampled_means(difference, n_resamples, seed)
        low, high = percentile_interval(means, confidence)
    return [
        Difference(
            name,
            metrics[place],
            float(ours[:, place].mean()),
            float(theirs[:, place].mean()),
            None if low is None else float(low[place]),
            None if high is None else float(high[place]),
            n_persons,
        )
        for place in range(n_metrics)
    ]


def _of_lists(ours: Kept, theirs: Kept, persons: dict[str, int]) -> list[Difference]:
    """Figures of all lists together, which have no value a person and so no interval."""
    both = []
    for kept in (ours, theirs):
        both.append(
            {
                (row["slice"], f"{row['metric']}@{row['k']}"): row["value"]
                for row in kept.metrics.to_pylist()
                if row["model"] == kept.run.objective.model and row["ci_low"] is None
            }
        )
    return [
        Difference(name, metric, value, both[1][name, metric], None, None, persons[name])
        for (name, metric), value in both[0].items()
        if (name, metric) in both[1] and name in persons and persons[name] > 1
    ]


def _headline(found: list[Difference], objective: Objective) -> Difference:
    (headline,) = (
        each for each in found if (each.slice, each.metric) == (objective.slice, objective.label)
    )
    return headline


def _tried(artefacts: Path, *runs: Run) -> int:
    """How many configurations the experiments of these runs tried on the validation days."""
    if runs[0].held_out != VALIDATION:
        return 0
    return max(
        sum(
            (kept.run.held_out, kept.run.data_snapshot) == (VALIDATION, run.data_snapshot)
            for kept in kept_runs(artefacts, run.experiment)
        )
        for run in runs
    )


def in_words(
    ours: Run, theirs: Run, headline: Difference, min_persons: int, tried: int
) -> tuple[str, ...]:
    """What a difference says; every sentence follows from the interval.

    Args:
        ours: the first run.
        theirs: the second.
        headline: the objective's difference.
        min_persons: below this many no verdict is spoken.
        tried: configurations tried on these days; 0 on a test.
    """
    numbers = (
        f"{headline.metric.upper()} {headline.ours:.4f} against {headline.theirs:.4f} in the slice "
        f"'{headline.slice}', difference {headline.value:+.4f}"
    )
    if headline.low is None or headline.high is None or headline.n_persons < min_persons:
        return (
            f"No verdict: {numbers} over {headline.n_persons:,} person(s), at least "
            f"{min_persons:,} are needed.",
        )
    if headline.low == headline.high == 0:
        return (f"Both gave every person the same: {numbers}.",)
    numbers += f" [{headline.low:+.4f}, {headline.high:+.4f}] over {headline.n_persons:,} persons"
    if not headline.is_shown:
        width = (headline.high - headline.low) / 2
        said = [
            f"No difference is shown: {numbers}; the interval includes zero. On so many persons "
            f"less than about {width:.4f} cannot be told from chance."
        ]
    else:
        verb = "better" if headline.value > 0 else "worse"
        said = [f"{ours.run_id} is {verb} than {theirs.run_id}: {numbers}."]
    if tried > 2:
        said.append(
            f"{tried} configurations were tried on these very days, so the best of them looks "
            "better here than it is: only the test can tell."
        )
    return tuple(said)
