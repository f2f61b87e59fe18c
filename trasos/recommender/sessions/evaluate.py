"""Slots of sessions beside one another on held-out sessions, and a shop's own report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.data import InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sessions.clicks import Clicks
from trasos.recommender.sessions.next_item import DEPTH, METRICS, Questions, ask, interval
from trasos.recommender.sessions.params import SessionParams
from trasos.recommender.sessions.slot import SessionSlot
from trasos.recommender.sessions.tune import SessionTuning, tune, tune_stepwise

ROWS = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("k", pa.int32(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("ci_low", pa.float64(), nullable=False),
        pa.field("ci_high", pa.float64(), nullable=False),
        pa.field("n_sessions", pa.int64(), nullable=False),
        pa.field("n_questions", pa.int64(), nullable=False),
        pa.field("baseline", pa.string(), nullable=False),
        pa.field("difference", pa.float64(), nullable=False),
        pa.field("diff_low", pa.float64(), nullable=False),
        pa.field("diff_high", pa.float64(), nullable=False),
    ]
)
"""One row a (model, metric, baseline); every other model is a baseline too, and each also stands
beside itself with difference zero, so that filtering on one baseline leaves every model."""


@dataclass(frozen=True)
class NextItemResult:
    """What came out of a shop's test days.

    Attributes:
        rows: table with schema ``ROWS``; empty where the log is too short to tune and to test.
        split_at: seconds; None where nothing was held out.
        tuning: chosen on the days before the test; None where nothing was held out.
    """

    rows: Any
    split_at: int | None
    tuning: SessionTuning | None


def compare(slots: Sequence[SessionSlot], test: Clicks, params: RecommenderParams) -> Any:
    """Put the same questions to some slots.

    Args:
        slots: fitted on other sessions, with models of different names.
        test: held-out sessions.
        params: resamples, confidence and seed of the intervals.

    Returns:
        ``pyarrow.Table`` with schema ``ROWS``.

    Raises:
        InputError: no session has a second click.
    """
    questions = Questions.of(test)
    session = questions.session
    answers = {slot.model.name: ask(slot, questions) for slot in slots}
    rows = []
    for model, own in answers.items():
        low, high = _interval(own.values, session, params)
        for baseline, other in answers.items():
            diff_low, diff_high = _interval(own.values - other.values, session, params)
            for place, metric in enumerate(METRICS):
                rows.append(
                    {
                        "model": model,
                        "metric": metric,
                        "k": DEPTH,
                        "value": own.means[place],
                        "ci_low": low[place],
                        "ci_high": high[place],
                        "n_sessions": len(np.unique(session)),
                        "n_questions": len(session),
                        "baseline": baseline,
                        "difference": own.means[place] - other.means[place],
                        "diff_low": diff_low[place],
                        "diff_high": diff_high[place],
                    }
                )
    return pa.Table.from_pylist(rows, schema=ROWS)


def next_item_report(
    log: InteractionLog, params: RecommenderParams, tried: Sequence[SessionParams] | None = None
) -> NextItemResult:
    """The next product in the sessions of a shop's last days.

    As in ``evaluate``, the last ``test_days`` are the test and the ``validation_days`` before them
    choose the parameters. A session belongs to the days it began in: one that runs across the
    moment of a split is asked about nowhere, and only its clicks before the moment are learnt from.

    Args:
        log: interactions.
        params: days, event types that count as clicks, and intervals.
        tried: what the validation days choose from, all of one policy on repeats; where not given,
            they choose step by step from the defaults.
    """
    log = log.take(log.is_type(params.relevant_event_types) & (log.session >= 0))
    nothing = NextItemResult(ROWS.empty_table(), None, None)
    if log.n_events == 0:
        return nothing
    split_at = log.last_at + 1 - params.test_days * SECONDS_A_DAY
    tuned_at = split_at - params.validation_days * SECONDS_A_DAY
    past, test = cut(log, split_at)
    before, valid = cut(log.before(split_at), tuned_at)
    if before.n_sessions == 0 or not (_can_be_asked(valid) and _can_be_asked(test)):
        return nothing
    if tried:
        tuning = tune(before, valid, tried, seed=params.seed)
    else:
        tuning = tune_stepwise(before, valid, SessionParams(), seed=params.seed)
    slots = (
        *SessionSlot.baselines(past, params, tuning.params.repeats),
        SessionSlot.fit(past, tuning.params),
    )
    return NextItemResult(compare(slots, test, params), split_at, tuning)


def clicks_of(log: InteractionLog) -> Clicks:
    """The sessions of a log; events outside any session are left out.

    Args:
        log: interactions of the types that count as clicks; those of one product in a row count
            once.
    """
    log = log.take(log.session >= 0)
    return Clicks.from_arrays(log.session, log.product, log.event_at, log.n_products)


def cut(log: InteractionLog, moment: int) -> tuple[Clicks, Clicks]:
    """What was clicked before a moment, and the sessions that began at or after it.

    Args:
        log: interactions of the types that count as clicks, all in sessions.
        moment: seconds.
    """
    past, rest = log.before(moment), log.from_moment(moment)
    return clicks_of(past), clicks_of(rest.take(~np.isin(rest.session, past.session)))


def _can_be_asked(clicks: Clicks) -> bool:
    return bool((np.diff(clicks.starts) > 1).any())


def _interval(values: Any, session: Any, params: RecommenderParams) -> tuple[Any, Any]:
    return interval(
        values,
        session,
        n_resamples=params.bootstrap_resamples,
        seed=params.seed,
        confidence=params.confidence,
    )
