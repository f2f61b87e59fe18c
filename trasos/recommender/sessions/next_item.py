"""The next-item protocol: reveal held-out sessions click by click, and ask what comes next.

Every click but a session's first is asked for, after all clicks before it, over the whole
catalogue; MRR@20 and HR@20 are means over these questions (Hidasi et al. 2016; Ludewig and
Jannach 2018). Nothing is sampled, and nothing is learnt from the sessions that are revealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trasos.errors import InputError
from trasos.recommender import metrics
from trasos.recommender.arrays import Codes, Doubles
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.sessions.clicks import Clicks, Places, Running, ranges
from trasos.recommender.sessions.slot import SessionSlot

DEPTH = 20
METRICS = ("mrr", "hit_rate")
BATCH = 256
"""Questions answered at once: enough to spread numpy's overhead, few enough to stay in cache."""


@dataclass(frozen=True)
class Questions:
    """What is asked of some sessions.

    Attributes:
        clicks: the sessions.
        asked: int64, positions in ``clicks.product`` of the clicks to be predicted.
    """

    clicks: Clicks
    asked: Places

    @classmethod
    def of(cls, clicks: Clicks) -> Questions:
        """Ask for every click but each session's first.

        Raises:
            InputError: no session has a second click.
        """
        asked = np.setdiff1d(np.arange(len(clicks.product)), clicks.starts)
        if len(asked) == 0:
            raise InputError("No session has a second click: there is nothing to predict.")
        return cls(clicks, asked)

    def drawn(self, n: int, seed: int) -> Questions:
        """At most n of the questions, drawn without replacement."""
        if len(self.asked) <= n:
            return self
        chosen = np.random.default_rng(seed).choice(self.asked, n, replace=False)
        return Questions(self.clicks, np.sort(chosen))

    @property
    def session(self) -> Places:
        """The session of each question."""
        return self.clicks.session[self.asked]

    @property
    def wanted(self) -> Codes:
        """The product that came next; -1 outside the catalogue, where every answer is wrong."""
        return self.clicks.product[self.asked]

    def batches(self) -> Iterator[Running]:
        """The sessions as they stood before each question, in order, ``BATCH`` at a time."""
        begins = self.clicks.starts[self.session]
        for first in range(0, len(self.asked), BATCH):
            part = slice(first, first + BATCH)
            row, click = ranges(begins[part], self.asked[part] - begins[part])
            n_rows = len(self.asked[part])
            yield Running.of(row, self.clicks.product[click], n_rows, self.clicks.n_products)


@dataclass(frozen=True)
class Answers:
    """How well a slot answered.

    Attributes:
        values: float64 of shape (n_questions, 2), reciprocal rank within 20 and hit within 20.
        session: int64, the session of each question.
    """

    values: Doubles
    session: Places

    @property
    def means(self) -> Doubles:
        """MRR@20 and HR@20."""
        return np.asarray(self.values.mean(axis=0), np.float64)


def ask(slot: SessionSlot, questions: Questions) -> Answers:
    """Put all questions to a slot.

    Args:
        slot: fitted on other sessions.
        questions: what is asked.
    """
    items = np.concatenate([slot.lists(running, DEPTH).items for running in questions.batches()])
    wanted = questions.wanted[:, None]
    hits = (items == wanted) & (wanted >= 0)
    values = metrics.reciprocal_rank(hits, DEPTH), metrics.hit_rate(hits, DEPTH)
    return Answers(np.column_stack(values), questions.session)


def interval(
    values: Doubles, session: Places, *, n_resamples: int, seed: int, confidence: float
) -> tuple[Doubles, Doubles]:
    """Intervals of means over questions, from sessions drawn with replacement.

    Questions of one session hang together, so sessions are drawn, not questions; each draw divides
    its sum by its number of questions.

    Args:
        values: shape (n_questions, m); for two slots on the same questions, their difference.
        session: session of each question.
        n_resamples: draws.
        seed: of the draws.
        confidence: share within the interval.

    Returns:
        Lower and upper ends, each of shape (m,).
    """
    _, unit = np.unique(session, return_inverse=True)
    counted = np.column_stack([values, np.ones(len(values))])
    sums = np.zeros((unit.max() + 1, counted.shape[1]))
    np.add.at(sums, unit, counted)
    means = resampled_means(sums, n_resamples, seed)
    return percentile_interval(means[:, :-1] / means[:, -1:], confidence)
