"""From scores to lists: the policy on repeats, the catalogue on sale, and the fallback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Flags
from trasos.recommender.models.model import opinion
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import Rung, TopN, allowed_block
from trasos.recommender.sessions.baselines import NoOpinion, SessionPairs, by_popularity
from trasos.recommender.sessions.clicks import Clicks, Places, Running, place_in_group
from trasos.recommender.sessions.knn import SessionKnn
from trasos.recommender.sessions.model import SessionModel
from trasos.recommender.sessions.params import Repeats, SessionParams


@dataclass(frozen=True)
class SessionSlot:
    """A model of sessions, with popularity below it so that no list is short.

    Order is total: the model's products by score, then by code; then popular ones.

    Attributes:
        model: gives scores.
        popular: int32 of shape (n_products,), all products, most popular first.
        repeats: as in ``SessionParams``.
    """

    model: SessionModel
    popular: Codes
    repeats: Repeats = "allowed"

    @classmethod
    def fit(cls, clicks: Clicks, params: SessionParams) -> SessionSlot:
        """The slot as it serves: neighbours, then what is popular.

        Args:
            clicks: finished sessions.
            params: tunables.

        Raises:
            InputError: there is no click on a product of the catalogue.
        """
        return cls(SessionKnn.fit(clicks, params), by_popularity(clicks), params.repeats)

    @classmethod
    def baselines(
        cls, clicks: Clicks, params: RecommenderParams, repeats: Repeats
    ) -> tuple[SessionSlot, SessionSlot]:
        """Popularity and co-visitation under the same policy.

        Args:
            clicks: finished sessions.
            params: tunables of co-visitation.
            repeats: as in ``SessionParams``.
        """
        popular = by_popularity(clicks)
        models = NoOpinion(clicks.n_products), SessionPairs.fit(clicks, params)
        return cls(models[0], popular, repeats), cls(models[1], popular, repeats)

    def predict(
        self, clicks: Sequence[int] | Codes, n: int = 20, allowed: Flags | None = None
    ) -> TopN:
        """A list for one running session.

        Args:
            clicks: product codes in the order of time; -1 is a product outside the catalogue.
            n: length of the list.
            allowed: bool of shape (n_products,), what may be listed; all where not given.

        Returns:
            Arrays of one row. Rung 1 are the model's products, rung 0 popular ones, with score 0;
            -1 where the catalogue has no more.

        Raises:
            InputError: a product out of range, or n below 1.
        """
        return self.lists(Running.from_clicks(clicks, self.model.n_products), n, allowed)

    def lists(self, running: Running, n: int = 20, allowed: Flags | None = None) -> TopN:
        """A list for each running session; arguments and errors as in ``predict``."""
        if n < 1:
            raise InputError(f"A list of {n} products was asked for: at least 1 is wanted.")
        n_products = self.model.n_products
        barred = self._barred(running)
        scores = self.model.score(running)
        row = np.repeat(np.arange(running.n_rows), np.diff(scores.indptr))
        fits = (scores.data > 0) & ~np.isin(row * n_products + scores.indices, barred)
        if allowed is not None:
            fits &= allowed[scores.indices]
        row, product, score = row[fits], scores.indices[fits], scores.data[fits]
        order = np.lexsort((product, -score, row))
        place = place_in_group(row[order])
        order, place = order[place < n], place[place < n]
        top = TopN(
            items=np.full((running.n_rows, n), -1, np.int32),
            rungs=np.full((running.n_rows, n), -1, np.int32),
            scores=np.full((running.n_rows, n), np.nan, np.float32),
        )
        cells = row[order], place
        top.items[cells], top.rungs[cells], top.scores[cells] = product[order], 1, score[order]
        self._fill(top, barred, self.popular if allowed is None else self._popular_of(allowed))
        return top

    def ladder(self, running: Running) -> list[Rung]:
        """The rungs of ``lists`` as ``rank.top_n`` takes them, for whom rules are to be followed.

        Args:
            running: sessions, as many as a dense block of scores may hold.
        """
        scores = opinion(self.model.score(running).toarray().astype(np.float32))
        # A score that keeps the order.
        worth = np.empty(self.model.n_products, np.float32)
        worth[self.popular] = np.arange(len(worth), 0, -1)
        return [
            lambda rows: scores[rows],
            lambda rows: np.broadcast_to(worth, (len(rows), len(worth))),
        ]

    def allowed(self, running: Running, on_sale: Flags) -> Flags:
        """What the policy on repeats lets through: bool of shape (n_rows, n_products).

        Args:
            running: sessions.
            on_sale: bool of shape (n_products,).
        """
        allowed = allowed_block(running.n_rows, on_sale, None)
        allowed.reshape(-1)[self._barred(running)] = False
        return allowed

    def _popular_of(self, allowed: Flags) -> Codes:
        return self.popular[allowed[self.popular]]

    def _barred(self, running: Running) -> Places:
        """Cells, row times products plus product, that the policy keeps out; sorted by row."""
        out = running.product >= 0
        if self.repeats == "allowed":
            out &= running.recency == 0
        return running.row[out] * self.model.n_products + running.product[out]

    def _fill(self, top: TopN, barred: Places, popular: Codes) -> None:
        """Put popular products where lists end early."""
        n = top.items.shape[1]
        row, product = np.divmod(barred, self.model.n_products)
        begins = np.searchsorted(row, np.arange(len(top.items) + 1))
        listed = (top.items >= 0).sum(axis=1)
        for short in np.flatnonzero(listed < n):
            own = product[begins[short] : begins[short + 1]]
            # So many are enough even if all that is listed or barred is popular.
            best = popular[: n + len(own)]
            best = best[~np.isin(best, np.append(own, top.items[short]))]
            filled = slice(listed[short], min(listed[short] + len(best), n))
            top.items[short, filled] = best[: filled.stop - filled.start]
            top.rungs[short, filled], top.scores[short, filled] = 0, 0.0
