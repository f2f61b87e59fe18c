"""Whether a model has seen the answers: what it admits, what it remembers, what it achieves.

A rehearsal that learnt from the test shows in one of three ways. Its manifest admits it. Its memory
of persons holds what they chose in the test and never before. Or, whatever it says and holds, it
does better than its own recipe could a test's length earlier: the blend was tuned on the days
before the test, by the same metric on the same kind of persons, and the best of a grid is if
anything too high. A shop's people do not become so much easier to guess within two weeks.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.contender import Rehearsal
from trasos.recommender.gate.criterion import RULES, Criterion, counted, not_judged
from trasos.recommender.gate.ground import Ground
from trasos.recommender.params import RecommenderParams

LEAKAGE = ("rehearsed_before_test", "remembers_no_test", "not_too_good")


def leakage(
    rehearsal: Rehearsal, ground: Ground, params: RecommenderParams, bounds: GateBounds
) -> list[Criterion]:
    """Judge a rehearsal on the days that it must not have seen.

    Args:
        rehearsal: the model at the beginning of the test.
        ground: the test.
        params: seed, resamples and confidence of the interval, min_persons.
        bounds: of the gate.
    """
    return [
        before_test("rehearsed_before_test", rehearsal, ground),
        _memory(rehearsal, ground),
        _gain(rehearsal, ground, params, bounds),
    ]


def before_test(name: str, rehearsal: Rehearsal, ground: Ground) -> Criterion:
    """Whether a rehearsal learnt only from what happened before the test.

    Args:
        name: of the criterion.
        rehearsal: the challenger's or the champion's.
        ground: the test.
    """
    days = max(0, rehearsal.trained_through + 1 - ground.split.split_at) / SECONDS_A_DAY
    ended = "before the test began" if days == 0 else f"{days:.1f} days after the test began"
    return Criterion(
        RULES[name], days, None, None, days == 0, f"What it learnt from ended {ended}."
    )


def _memory(rehearsal: Rehearsal, ground: Ground) -> Criterion:
    """Relevant products are by definition not met before: whoever holds them looked ahead."""
    held = int((rehearsal.met != 0).multiply(ground.split.relevant).count_nonzero())
    return counted(
        "remembers_no_test",
        held,
        f"{held:,} of the {ground.split.relevant.nnz:,} products that persons first met in the "
        "test.",
    )


def _gain(
    rehearsal: Rehearsal, ground: Ground, params: RecommenderParams, bounds: GateBounds
) -> Criterion:
    name = "not_too_good"
    values = ground.ndcg(rehearsal.items)[ground.persons["warm"]]
    if len(values) < params.min_persons:
        return not_judged(name, f"{len(values):,} person(s) with history in the test")
    before = rehearsal.tuned_ndcg
    if rehearsal.tuned_persons == 0 or before <= 0:
        return not_judged(name, "the blend was not tuned on earlier days")
    means = resampled_means(values[:, None], params.bootstrap_resamples, params.seed)
    low, high = percentile_interval(means, params.confidence)
    # Of the days before only the mean is known: its error is taken from the spread of the test.
    tail = NormalDist().inv_cdf(0.5 + params.confidence / 2)
    error = tail * float(values.std(ddof=1)) / math.sqrt(rehearsal.tuned_persons)
    lowest = float(low[0]) / (before + error)
    highest = float(high[0]) / (before - error) if before > error else None
    return Criterion(
        RULES[name],
        float(values.mean()) / before,
        lowest,
        highest,
        lowest <= bounds.max_gain,
        f"NDCG@10 {values.mean():.4f} in the test, {before:.4f} on the days before.",
    )
