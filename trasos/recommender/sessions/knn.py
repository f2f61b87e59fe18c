"""Neighbours of a session: what came next where others clicked the same.

VMIS-kNN (Kersbergen, Sprangers and Schelter, SIGMOD 2022) on numpy. Each product keeps its latest
sessions; those that share products with the running session are its neighbours, the more alike
the more and the later the shared products; their products are scored by likeness times inverse
frequency. Two things are added, both off at one value of a parameter. Products count the more the
nearer they stood to the shared one, after Garg et al. (STAN, SIGIR 2019). Products already in the
running session get a share on top, because people go back (Jannach, Ludewig and Lerche 2017 on
reminders).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles, Sparse
from trasos.recommender.sessions.clicks import Clicks, Places, Running, place_in_group, ranges
from trasos.recommender.sessions.params import SessionParams


@dataclass(frozen=True)
class SessionKnn:
    """Sessions by product and products by session.

    A visit is a product's first click in a session. Visits stand in the order of sessions, which
    is that of their ends.

    Attributes:
        params: tunables.
        visit_starts: int64 of shape (n_sessions + 1,), where the visits of each session begin.
        visit_session: int64, the session of each visit.
        visit_product: int32, its product.
        visit_place: int64, clicks before it in the session.
        sample_starts: int64 of shape (n_products + 1,), where the sample of each product begins.
        sample: int64, visits of each product in its latest sessions, latest first.
        idf: float64 of shape (n_products,), ln(sessions / sessions with the product); 0 where
            there is none.
        name: see ``SessionModel``.
    """

    params: SessionParams
    visit_starts: Places
    visit_session: Places
    visit_product: Codes
    visit_place: Places
    sample_starts: Places
    sample: Places
    idf: Doubles
    name: str = "session_knn"

    @property
    def n_products(self) -> int:
        """Products of the catalogue."""
        return len(self.idf)

    @classmethod
    def fit(cls, clicks: Clicks, params: SessionParams) -> SessionKnn:
        """Index finished sessions; those to be predicted are not among them.

        Args:
            clicks: sessions.
            params: tunables.

        Raises:
            InputError: there is no click on a product of the catalogue.
        """
        session, product, place = first_visits(clicks)
        if len(session) == 0:
            raise InputError("Sessions hold no click on a known product: nothing to learn from.")
        n_sessions = np.bincount(product, minlength=clicks.n_products)
        latest_first = np.lexsort((-session, product))
        kept = latest_first[place_in_group(product[latest_first].astype(np.int64)) < params.sample]
        idf = np.zeros(clicks.n_products)
        known = n_sessions > 0
        idf[known] = np.log(clicks.n_sessions / n_sessions[known])
        return cls(
            params=params,
            visit_starts=np.searchsorted(session, np.arange(clicks.n_sessions + 1)),
            visit_session=session,
            visit_product=product,
            visit_place=place,
            sample_starts=np.searchsorted(product[kept], np.arange(clicks.n_products + 1)),
            sample=kept,
            idf=idf,
        )

    def score(self, running: Running) -> Sparse:
        """Score products for running sessions; see ``SessionModel``."""
        row, session, likeness, shared = self._neighbours(running)
        begins = self.visit_starts[session]
        neighbour, visit = ranges(begins, self.visit_starts[session + 1] - begins)
        product = self.visit_product[visit]
        gap = np.abs(self.visit_place[visit] - self.visit_place[shared][neighbour])
        nearness = self.params.gap_decay ** np.maximum(gap - 1, 0)
        scores = _summed(
            row[neighbour],
            product,
            likeness[neighbour] * nearness * self.idf[product],
            (running.n_rows, self.n_products),
        )
        return self._reminded(scores, running) if self.params.reminder > 0 else scores

    def _neighbours(self, running: Running) -> tuple[Places, Places, Doubles, Places]:
        """The sessions most like each running one.

        Returns:
            Row, session, likeness, and the visit of the latest shared product; likeness is the
            sum of ``click_decay`` to the recency over shared products, times the same of the
            latest one: a neighbour that knows nothing of the last clicks says less.
        """
        asked = (running.recency < self.params.last_products) & (running.product >= 0)
        product = running.product[asked]
        weight: Doubles = self.params.click_decay ** running.recency[asked].astype(np.float64)
        begins = self.sample_starts[product]
        clue, place = ranges(begins, self.sample_starts[product + 1] - begins)
        visit = self.sample[place]
        session = self.visit_session[visit]
        row = running.row[asked][clue]
        # Clues stand latest first, so in a stable order each pair begins with its latest.
        order = np.lexsort((session, row))
        row, session, visit, weight = row[order], session[order], visit[order], weight[clue][order]
        if len(row) == 0:
            return row, session, weight, visit
        is_first = np.ones(len(row), np.bool_)
        is_first[1:] = (row[1:] != row[:-1]) | (session[1:] != session[:-1])
        firsts = np.flatnonzero(is_first)
        likeness = np.add.reduceat(weight, firsts)
        row, session, visit, latest = row[firsts], session[firsts], visit[firsts], weight[firsts]
        # Of equals the later session is taken.
        order = np.lexsort((-session, -likeness, row))
        best = order[place_in_group(row[order]) < self.params.neighbours]
        return row[best], session[best], (likeness * latest)[best], visit[best]

    def _reminded(self, scores: Sparse, running: Running) -> Sparse:
        """Add a share of each row's best score, the product on screen left out, to its own."""
        on_screen = running.recency == 0
        row = np.repeat(np.arange(running.n_rows), np.diff(scores.indptr))
        screen = np.full(running.n_rows, -1, np.int32)
        screen[running.row[on_screen]] = running.product[on_screen]
        others = scores.indices != screen[row]
        best = np.zeros(running.n_rows)
        np.maximum.at(best, row[others], scores.data[others])
        best[best == 0] = 1.0
        own = ~on_screen & (running.product >= 0)
        share = self.params.reminder * self.params.click_decay ** running.recency[own]
        return _summed(
            np.concatenate([row, running.row[own]]),
            np.concatenate([scores.indices, running.product[own]]),
            np.concatenate([scores.data, share * best[running.row[own]]]),
            scores.shape,
        )


def first_visits(clicks: Clicks) -> tuple[Places, Codes, Places]:
    """Each product of a session once, at its first click; products outside the catalogue left out.

    Returns:
        Session, product, and clicks before it in the session; in the order of sessions and clicks.
    """
    session = clicks.session
    _, first = np.unique(session * (clicks.n_products + 1) + clicks.product, return_index=True)
    first = np.sort(first)
    first = first[clicks.product[first] >= 0]
    return session[first], clicks.product[first], first - clicks.starts[session[first]]


def _summed(row: Places, product: Codes, value: Doubles, shape: tuple[int, int]) -> Sparse:
    """A CSR of sums by row and product.

    Values are added in the order given, whatever else is in the batch: one question has one
    answer, to the last bit. ``csr_array`` promises no order.
    """
    key = row * shape[1] + product
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    firsts = np.flatnonzero(np.diff(key, prepend=-1))
    sums = np.add.reduceat(value, firsts) if len(firsts) else value
    starts = np.searchsorted(key[firsts], np.arange(shape[0] + 1) * shape[1])
    return csr_array((sums, key[firsts] % shape[1], starts), shape=shape)
