"""Rules over ranked lists: bans leave the choice, boosts weigh it, pins take their places.

Nothing that a slot's own policy forbids is shown, whatever a rule says; and no rule makes a list
short: where too little would be left for one, a ban is not honoured in it, and that is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.rank import Rung, TopN, top_n
from trasos.recommender.rules import tally as outcomes
from trasos.recommender.rules.placing import Listed, Places
from trasos.recommender.rules.rule import BAN, BOOST, PIN, Rule, Scope
from trasos.recommender.rules.tally import BARRED, Tally

MOST = 1000.0
"""What several boosts of one product come to at most, and one over it at least: three of the
strongest. Scores stay finite, however many rules there are."""


@dataclass(frozen=True)
class Overrides:
    """Rules in force, and where what becomes of them is counted.

    Attributes:
        rules: by rule_id.
        tally: counts; without one nothing is counted, which is quicker.
    """

    rules: tuple[Rule, ...] = ()
    tally: Tally | None = None

    def rank(
        self, scope: Scope, ladder: Sequence[Rung], allowed: Flags, on_sale: Flags, n: int
    ) -> Ranked:
        """Choose the products of some lists, as ``top_n`` does where no rule is about them.

        Args:
            scope: the lists.
            ladder: see ``top_n``.
            allowed: bool of shape (b, n_products), what the slot's policy lets through.
            on_sale: bool of shape (n_products,); all that is allowed is on sale.
            n: length of the lists.
        """
        numbered = [(number, rule) for number, rule in enumerate(self.rules) if rule.is_for(scope)]
        if not numbered:
            return Ranked(top_n(ladder, allowed, n), None, ())
        # A list that is short without rules is not served, and not counted.
        is_full = allowed.sum(axis=1) >= n
        chosen = {rule.rule_id: rule.lists(scope) & is_full for _, rule in numbered}
        choice = _Choice(scope, ladder, allowed, on_sale, n, chosen, self.tally)
        bans = [rule for _, rule in numbered if rule.action == BAN]
        # The narrowest first: where not all can be honoured, a product goes before its brand.
        shown = choice.without_banned(sorted(bans, key=lambda rule: len(rule.products)))
        pins = [(number, rule) for number, rule in numbered if rule.action == PIN]
        places = Places.empty(len(allowed), n)
        left = choice.pinned(sorted(pins, key=lambda pin: pin[1].position), shown, places)
        boosts = tuple(
            (number, rule, chosen[rule.rule_id])
            for number, rule in numbered
            if rule.action == BOOST
        )
        return Ranked(choice.boosted([rule for _, rule, _ in boosts], left), places, boosts)


NONE = Overrides()
"""No rules: lists are the models' own."""


@dataclass(frozen=True)
class Ranked:
    """Some lists before pins take their places.

    Attributes:
        top: what the models chose, without what is pinned.
        places: what is pinned, and where; None where no rule is about these lists.
        boosts: number and rule of each boost, with the lists that it is about.
    """

    top: TopN
    places: Places | None
    boosts: tuple[tuple[int, Rule, Flags], ...]

    def listed(self, sources: Codes, pinned: int) -> Listed:
        """The lists as they are shown.

        Args:
            sources: int32 of shape (b, n), where each product of ``top`` came from.
            pinned: what stands for a pin among the sources.
        """
        if self.places is None:
            return Listed(self.top, sources, np.full(sources.shape, -1, np.int32))
        listed = self.places.fill(self.top, sources, pinned)
        strongest = np.zeros(sources.shape)
        for number, rule, lists in self.boosts:
            strength = abs(np.log(rule.factor))
            is_meant = np.isin(listed.top.items, rule.products) & lists[:, None]
            is_meant &= (self.places.items < 0) & (strength > strongest)
            listed.rules[is_meant] = number
            strongest[is_meant] = strength
        return listed


@dataclass(frozen=True)
class _Choice:
    """Some lists while rules narrow and weigh what may stand in them; see ``Overrides.rank``."""

    scope: Scope
    ladder: Sequence[Rung]
    allowed: Flags
    on_sale: Flags
    n: int
    chosen: dict[str, Flags]
    tally: Tally | None

    def without_banned(self, bans: Sequence[Rule]) -> Flags:
        """What is allowed and not banned: bool of shape (b, n_products)."""
        if not bans:
            return self.allowed
        shown = self.allowed.copy()
        left = shown.sum(axis=1)
        ranked = top_n(self.ladder, self.allowed, self.n).items if self.tally else None
        for rule in bans:
            lists = np.flatnonzero(self.chosen[rule.rule_id])
            hits = shown[np.ix_(lists, rule.products)].sum(axis=1)
            is_honoured = left[lists] - hits >= self.n
            cleared, spared = lists[is_honoured], lists[~is_honoured]
            if self.tally is not None and ranked is not None:
                taken = np.isin(ranked[cleared], rule.products)
                # What another ban took out before is not this one's doing.
                taken &= shown[cleared[:, None], ranked[cleared]]
                self.tally.split(
                    rule, self.scope, taken, outcomes.REMOVED, outcomes.NOTHING_TO_REMOVE
                )
                self.tally.add(rule, self.scope, outcomes.TOO_FEW_LEFT, np.zeros(len(spared)))
            shown[np.ix_(cleared, rule.products)] = False
            left[cleared] -= hits[is_honoured]
        return shown

    def pinned(self, pins: Sequence[tuple[int, Rule]], shown: Flags, places: Places) -> Flags:
        """Fill in the places of pins; what is shown and not pinned is left for the models."""
        if not pins:
            return shown
        left = shown.copy()
        for number, rule in pins:
            (item,) = rule.products
            lists = np.flatnonzero(self.chosen[rule.rule_id])
            is_allowed = self.allowed[lists, item]
            why_not = {
                outcomes.OFF_SALE: np.full(len(lists), not self.on_sale[item]),
                # Where the policy bars nothing, all that is on sale is allowed.
                BARRED.get(self.scope.slot, outcomes.OFF_SALE): ~is_allowed,
                outcomes.BANNED: ~shown[lists, item],
                outcomes.ALREADY_PINNED: (places.items[lists] == item).any(axis=1),
                outcomes.PLACE_TAKEN: places.items[lists, rule.position - 1] >= 0,
            }
            is_open = np.ones(len(lists), np.bool_)
            for outcome, is_against in why_not.items():
                if self.tally is not None:
                    stopped = is_open & is_against
                    self.tally.add(rule, self.scope, outcome, np.zeros(int(stopped.sum())))
                is_open &= ~is_against
            if self.tally is not None:
                self.tally.add(rule, self.scope, outcomes.PLACED, np.ones(int(is_open.sum())))
            places.take(lists[is_open], rule.position, item, number)
            left[lists[is_open], item] = False
        return left

    def boosted(self, boosts: Sequence[Rule], left: Flags) -> TopN:
        """The models' choice, with the scores of what is boosted multiplied on every rung."""
        if not boosts:
            return top_n(self.ladder, left, self.n)
        # Factors add up as logarithms, which do not overflow.
        strengths = np.zeros(left.shape, np.float32)
        for rule in boosts:
            strengths[np.ix_(self.chosen[rule.rule_id], rule.products)] += np.log(rule.factor)
        factors = np.exp(np.clip(strengths, -np.log(MOST), np.log(MOST)), dtype=np.float32)
        top = top_n([_weighed(rung, factors) for rung in self.ladder], left, self.n)
        if self.tally is not None:
            before = _ranks(top_n(self.ladder, left, self.n), left.shape[1])
            rise = before - _ranks(top, left.shape[1])
            for rule in boosts:
                cells = np.ix_(self.chosen[rule.rule_id], rule.products)
                moved = rise[cells] * np.sign(np.log(rule.factor)) > 0
                self.tally.split(rule, self.scope, moved, outcomes.MOVED, outcomes.NOT_MOVED)
        return top


def _weighed(rung: Rung, factors: Floats) -> Rung:
    """A rung with its scores multiplied; none is below zero, but for no opinion, which stays."""
    return lambda rows: np.asarray(rung(rows) * factors[rows], np.float32)


def _ranks(top: TopN, n_products: int) -> Codes:
    """Places from 0 by product, int32 of shape (b, n_products); n where it is not in the list."""
    n = top.items.shape[1]
    # One column more, for what is not there.
    ranks = np.full((len(top.items), n_products + 1), n, np.int32)
    np.put_along_axis(ranks, top.items, np.arange(n, dtype=np.int32)[None, :], axis=1)
    return ranks[:, :-1]
