"""New products get shown: a few places of a list are drawn for, and the chance of each is kept.

A model that learns from clicks never shows what nobody clicked, and so never learns of it. At
some places of each list a coin decides between the product that stands there and a new one, drawn
with equal chances from those that may stand in this list. Each row keeps the probability with
which its product stood at its place (its propensity), so that what another policy would have
brought can be estimated from what this one did (Horvitz and Thompson 1952; for lists Li et al.
2018, "Offline evaluation of ranking policies with click models").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, ClassVar

import numpy as np

from trasos.recommender.arrays import SECONDS_A_DAY, Codes, Doubles, Flags, Keys, Sparse
from trasos.recommender.data import NO_LAUNCH, Catalogue, InteractionLog
from trasos.recommender.lists import EXPLORED, Answers
from trasos.recommender.models.chance import mix
from trasos.recommender.rank import batches
from trasos.recommender.rules.rule import BAN, Rule, Scope
from trasos.recommender.tunables import Tunables
from trasos.recommender.tunables import tunable as _tunable

_COIN = np.uint64(1 << 40)
"""Above all product codes: coins are drawn from counters of their own."""


@dataclass(frozen=True)
class ExplorationParams(Tunables):
    """How much is explored; the metadata of each field holds unit, range and reason.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Exploration parameter"

    share: float = _tunable(
        0.0, "probability", "that a place of exploration shows a new product; 0 is off", 0.0, 1.0
    )
    places: int = _tunable(2, "places a list", "a tenth of a list of twenty at most", 1, 1000)
    first_place: int = _tunable(
        8, "place", "those above are seen most, and are worth most as they are", 1, 1000
    )
    new_days: float = _tunable(
        21.0, "days", "so long after its launch a product counts as new, if few met it", 0.0
    )
    new_persons: int = _tunable(
        20, "persons", "who met it make a product known: as many as its factors need", 1
    )
    seed: int = _tunable(7, "-", "of the draws, with day and person: asked twice, one answer", 0)


@dataclass(frozen=True)
class Exploration:
    """What is new on a day, and how it is drawn.

    Attributes:
        new: int32, rising codes of the products that are new and on sale.
        department: int32 (len(new),), their departments.
        day: whole days since 1970 of the newest interaction; the draws of another day differ.
        params: how much.
    """

    new: Codes
    department: Codes
    day: int
    params: ExplorationParams

    @classmethod
    def plan(
        cls, log: InteractionLog, catalogue: Catalogue, params: ExplorationParams
    ) -> Exploration:
        """Find what is new: launched of late, on sale, and met by few or nobody.

        Args:
            log: interactions up to now.
            catalogue: products; those of unknown launch are never new.
            params: new_days, new_persons.
        """
        since = log.last_at - params.new_days * SECONDS_A_DAY
        pairs = np.unique(log.product.astype(np.int64) * log.n_persons + log.person)
        met = np.bincount(pairs // log.n_persons, minlength=catalogue.n_products)
        is_new = catalogue.is_on_sale & (met < params.new_persons)
        is_new &= (catalogue.launched_at != NO_LAUNCH) & (catalogue.launched_at >= since)
        new = np.flatnonzero(is_new).astype(np.int32)
        return cls(new, catalogue.department[new], log.last_at // SECONDS_A_DAY, params)

    def apply(
        self,
        answers: Answers,
        subject_ids: Sequence[str],
        met: Sparse,
        departments: Codes,
        rules: Sequence[Rule],
        scope: Scope,
    ) -> Answers:
        """Draw for some places of each list.

        A list stays full, without doubles and on sale. What a rule placed or weighed stays where
        it is, what is banned in a list is not drawn for it, and nothing that the person met is
        new to them. Where there is something new in the person's main department, it is drawn
        from that alone. A drawn product has the score of the one whose place it takes.

        Args:
            answers: lists, one a person.
            subject_ids: name of each list's person; the draw hangs on it.
            met: CSR (len(lists), n_products), what each person met.
            departments: int32 (len(lists),), main department of each person, -1 for none.
            rules: merchandisers' rules, for their bans.
            scope: of the lists, as rules tell them apart.

        Returns:
            Lists with their propensities; the same lists, each row with propensity one, where
            nothing is explored.
        """
        n_lists, n = answers.items.shape
        certain = replace(answers, propensity=np.ones((n_lists, n)))
        wanted = self._places(n)
        if self.params.share == 0 or len(self.new) == 0 or n_lists == 0 or len(wanted) == 0:
            return certain
        items, sources = answers.items.copy(), answers.sources.copy()
        propensity = np.ones((n_lists, n))
        for rows in batches(n_lists, max(len(self.new), n)):
            may = self._may_stand(answers.items[rows], met[rows], departments[rows])
            for rule in rules:
                if rule.action == BAN and rule.is_for(scope):
                    lists = np.flatnonzero(rule.lists(scope)[rows])
                    may[np.ix_(lists, np.isin(self.new, rule.products))] = False
            self._draw(
                self._keys(subject_ids[rows]),
                may,
                answers.rules[rows][:, wanted] < 0,
                wanted,
                (items[rows], sources[rows], propensity[rows]),
            )
        return replace(answers, items=items, sources=sources, propensity=propensity)

    def _places(self, n: int) -> Any:
        """Places of exploration, from 0: spread evenly from the first that is open to it."""
        first = self.params.first_place - 1
        count = min(self.params.places, n - first)
        return first + (np.arange(max(0, count)) * (n - first)) // max(1, count)

    def _may_stand(self, items: Codes, met: Sparse, departments: Codes) -> Flags:
        """Which new products may be drawn for which list; bool (b, len(new))."""
        may = np.ones((len(items), len(self.new)), np.bool_)
        may[met[:, self.new].toarray() > 0] = False
        # Each list's own products, found among the new ones by their code.
        place = np.minimum(np.searchsorted(self.new, items), len(self.new) - 1)
        listed = np.nonzero(self.new[place] == items)
        may[listed[0], place[listed]] = False
        at_home = may & (self.department[None, :] == departments[:, None])
        return np.where(at_home.any(axis=1, keepdims=True), at_home, may)

    def _draw(
        self,
        keys: Keys,
        may: Flags,
        is_free: Flags,
        wanted: Any,
        lists: tuple[Codes, Codes, Doubles],
    ) -> None:
        """Change the lists in place.

        New products stand in a random order; the first of them waits at the first free place, the
        next at the next. So at each place every product has the same chance, coins aside.
        """
        items, sources, propensity = lists
        order = mix(keys[:, None] + self.new.astype(np.uint64)[None, :])
        order[~may] = np.uint64(np.iinfo(np.uint64).max)
        queue = np.argsort(order, axis=1, kind="stable")[:, : len(wanted)]
        n_may = may.sum(axis=1)
        counters = _COIN + np.arange(len(wanted), dtype=np.uint64)
        coins = (mix(keys[:, None] + counters[None, :]) >> np.uint64(11)) / float(1 << 53)
        turn = np.cumsum(is_free, axis=1) - 1
        is_drawn_for = is_free & (turn < n_may[:, None])
        is_new = is_drawn_for & (coins < self.params.share)
        for column, place in enumerate(wanted):
            drawn_for, taken = is_drawn_for[:, column], is_new[:, column]
            waiting = queue[taken, turn[taken, column]]
            items[taken, place] = self.new[waiting]
            sources[taken, place] = EXPLORED
            propensity[drawn_for, place] = 1 - self.params.share
            propensity[taken, place] = self.params.share / n_may[taken]

    def _keys(self, subject_ids: Sequence[str]) -> Keys:
        """64 random bits for each person, day and seed."""
        salt = f"{self.params.seed}\x1f{self.day}\x1f"
        digests = [blake2b((salt + name).encode(), digest_size=8).digest() for name in subject_ids]
        return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)
