"""Choosing the parameters of ``SessionKnn`` on sessions that are not the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product

from trasos.recommender.sessions.clicks import Clicks
from trasos.recommender.sessions.next_item import Questions, ask
from trasos.recommender.sessions.params import SessionParams
from trasos.recommender.sessions.slot import SessionSlot

CLICK_DECAYS = (0.6, 0.7, 0.8, 0.9)
GAP_DECAYS = (0.3, 0.5, 0.7, 1.0)
REMINDERS = (0.0, 0.25, 0.5, 0.75)
NEIGHBOURS = (50, 100, 500)

MAX_QUESTIONS = 3000
"""Enough to order the grid; the whole of it then takes seconds, whatever the size of the shop."""

DAILY_QUESTIONS = 1000
"""Enough for ``tune_stepwise``, whose steps are larger than a neighbour's in the grid."""


@dataclass(frozen=True)
class SessionTuning:
    """What was chosen, and on what.

    Attributes:
        params: the best of the grid.
        mrr: its MRR@20.
        hit_rate: its HR@20.
        n_tried: size of the grid.
        n_questions: questions it was chosen on.
    """

    params: SessionParams
    mrr: float
    hit_rate: float
    n_tried: int
    n_questions: int


def grid(params: SessionParams) -> list[SessionParams]:
    """Decays and reminders crossed; all else as given."""
    return [
        replace(params, click_decay=click, gap_decay=gap, reminder=reminder)
        for click, gap, reminder in product(CLICK_DECAYS, GAP_DECAYS, REMINDERS)
    ]


def grid_as_published(params: SessionParams) -> list[SessionParams]:
    """VMIS-kNN with neither gaps nor reminders: number of neighbours and click decay crossed."""
    return [
        replace(params, neighbours=neighbours, click_decay=click, gap_decay=1.0, reminder=0.0)
        for neighbours, click in product(NEIGHBOURS, CLICK_DECAYS)
    ]


def tune_stepwise(
    train: Clicks, valid: Clicks, params: SessionParams, *, seed: int
) -> SessionTuning:
    """Choose one decay or share after the other, the others held: a sixth of the grid's work.

    Args:
        train: sessions to learn from.
        valid: sessions to choose on, none of them of the test.
        params: where to begin.
        seed: of the draw.

    Raises:
        InputError: nothing to learn from, or nothing to choose on.
    """
    n_tried = 0
    for name, values in (
        ("reminder", REMINDERS),
        ("gap_decay", GAP_DECAYS),
        ("click_decay", CLICK_DECAYS),
    ):
        tried = [SessionParams.from_mapping({**asdict(params), name: value}) for value in values]
        tuning = tune(train, valid, tried, seed=seed, n_questions=DAILY_QUESTIONS)
        params, n_tried = tuning.params, n_tried + tuning.n_tried
    return replace(tuning, n_tried=n_tried)


def tune(
    train: Clicks,
    valid: Clicks,
    tried: Sequence[SessionParams],
    *,
    seed: int,
    n_questions: int = MAX_QUESTIONS,
) -> SessionTuning:
    """Choose by MRR@20, on all questions or on some drawn from them.

    Args:
        train: sessions to learn from.
        valid: sessions to choose on, none of them of the test.
        tried: what is tried; of equals the first is taken.
        seed: of the draw.
        n_questions: how many are asked at most.

    Raises:
        InputError: nothing to learn from, or nothing to choose on.
    """
    questions = Questions.of(valid).drawn(n_questions, seed)
    found = [ask(SessionSlot.fit(train, params), questions).means for params in tried]
    best = max(range(len(found)), key=lambda place: float(found[place][0]))
    mrr, hit_rate = found[best].tolist()
    return SessionTuning(tried[best], mrr, hit_rate, len(tried), len(questions.asked))
