"""Challenger against champion on the same persons: a paired bootstrap, with two burdens of proof.

Non-inferiority as in trials of medicines (Wellek 2010): not "no difference was found", which a
small test always says, but an interval that begins above the margin. A champion that is no longer
fresh loses that privilege: the challenger then gives way only where it is shown to be worse. A
slice stands in the way only where it is shown to be worse, and by its best estimate by more than
its margin: slices are small, and asking each for proof would turn down every model. Their intervals
are widened so that all of them together err as seldom as one (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import SECONDS_A_DAY, Doubles
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.contender import Contender, Rehearsal
from trasos.recommender.gate.criterion import RULES, Criterion, not_judged
from trasos.recommender.gate.ground import Ground
from trasos.recommender.gate.leakage import before_test
from trasos.recommender.params import RecommenderParams


@dataclass(frozen=True)
class Gain:
    """The gain of the challenger as a share of the champion's mean.

    Attributes:
        value: estimate.
        low: lower end of its interval.
        high: upper end.
        champion: mean of the champion.
        challenger: mean of the challenger.
        n: persons.
    """

    value: float
    low: float
    high: float
    champion: float
    challenger: float
    n: int

    @property
    def words(self) -> str:
        """Both means and on how many persons."""
        return (
            f"NDCG@10 {self.challenger:.4f} against the champion's {self.champion:.4f} over "
            f"{self.n:,} persons"
        )


SLICES = ("warm", "heavy", "cold", "tail")


def gain(
    challenger: Doubles, champion: Doubles, params: RecommenderParams, n_slices: int = 1
) -> Gain:
    """Resample persons and take the difference of the means, over the champion's mean.

    Args:
        challenger: shape (n_persons,), a metric of each person.
        champion: the same of the same persons.
        params: seed, resamples and confidence.
        n_slices: how many intervals are to hold together with that confidence.

    Returns:
        Shares; where the champion's mean is zero, differences of the metric itself.
    """
    both = np.column_stack([challenger, champion])
    means = resampled_means(both, params.bootstrap_resamples, params.seed)
    confidence = 1 - (1 - params.confidence) / n_slices
    low, high = percentile_interval(means[:, [0]] - means[:, [1]], confidence)
    ours, theirs = both.mean(axis=0)
    scale = theirs if theirs > 0 else 1.0
    return Gain(
        float((ours - theirs) / scale),
        float(low[0] / scale),
        float(high[0] / scale),
        float(theirs),
        float(ours),
        len(both),
    )


def comparison(
    challenger: Contender,
    champion: Contender,
    ground: Ground | None,
    params: RecommenderParams,
    bounds: GateBounds,
    newest_at: int,
) -> list[Criterion]:
    """Judge both rehearsals on the held-out days.

    Args:
        challenger: who wants to serve.
        champion: who serves.
        ground: the test; None where the log is too short for one.
        params: seed, resamples and confidence of intervals, min_persons.
        bounds: of the gate.
        newest_at: seconds, the newest interaction of all.
    """
    days = (newest_at - champion.trained_through) / SECONDS_A_DAY
    is_fresh = days <= bounds.fresh_days
    ours, theirs = challenger.rehearsal, champion.rehearsal
    if ground is None or ours is None:
        return [_without_evidence("the log is too short to hold out a test", days, is_fresh)]
    if theirs is None:
        return [_without_evidence("the champion had no rehearsal", days, is_fresh)]
    seen = before_test("champion_rehearsed_before_test", theirs, ground)
    values = ground.ndcg(ours.items), ground.ndcg(theirs.items)
    if len(values[0]) < params.min_persons:
        overall = _without_evidence(f"{len(values[0]):,} person(s) came back", days, is_fresh)
    else:
        overall = _overall(gain(*values, params), bounds, days, is_fresh)
    return [
        seen,
        overall,
        *(
            _slice(name, *_of_slice(name, ground, ours, theirs, values), params, bounds)
            for name in SLICES
        ),
    ]


def _of_slice(
    name: str,
    ground: Ground,
    ours: Rehearsal,
    theirs: Rehearsal,
    values: tuple[Doubles, Doubles],
) -> tuple[Doubles, Doubles]:
    """What both reach in a slice of persons, or where only a slice of products is relevant."""
    if name in ground.persons:
        members = ground.persons[name]
        return values[0][members], values[1][members]
    return (
        ground.ndcg_of_products(ours.items, name),
        ground.ndcg_of_products(theirs.items, name),
    )


def _overall(found: Gain, bounds: GateBounds, days: float, is_fresh: bool) -> Criterion:
    end = found.low if is_fresh else found.high
    burden = (
        "stays unless the challenger is shown as good"
        if is_fresh
        else ("goes unless the challenger is shown worse")
    )
    return Criterion(
        RULES["ndcg"],
        found.value,
        found.low,
        found.high,
        end >= -bounds.ndcg_margin,
        f"{found.words}; the champion is {days:.1f} days old and {burden}.",
    )


def _without_evidence(why: str, days: float, is_fresh: bool) -> Criterion:
    stays = "the champion stays while it is fresh" if is_fresh else "the champion is not fresh"
    reason = f"Nothing to judge by: {why}; {stays}, {days:.1f} days old."
    return Criterion(RULES["ndcg"], None, None, None, not is_fresh, reason)


def _slice(
    name: str, ours: Doubles, theirs: Doubles, params: RecommenderParams, bounds: GateBounds
) -> Criterion:
    rule = RULES[f"ndcg_{name}"]
    if len(ours) < params.min_persons:
        return not_judged(rule.name, f"{len(ours):,} person(s)")
    found = gain(ours, theirs, params, len(SLICES))
    is_worse = found.value < -bounds.slice_margin and found.high < 0
    return Criterion(rule, found.value, found.low, found.high, not is_worse, f"{found.words}.")
