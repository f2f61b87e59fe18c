"""Whether strangers are served better by what is popular among their own kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from bench.recommender.cold import Case, difference, summary
from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.data import InteractionLog
from trasos.recommender.matrix import seen_products
from trasos.simulator.world import World


@dataclass(frozen=True)
class PopularAmong:
    """Popularity in each person's segment, then among all.

    Attributes:
        score: float32 (n_segments, n_products).
        segment: int32 (n_persons,).
        name: see ``Model``.
    """

    score: Floats
    segment: Codes
    name: str = "popular_among"

    @classmethod
    def fit(cls, past: InteractionLog, segment: Codes) -> PopularAmong:
        """Count events by segment.

        Args:
            past: interactions.
            segment: int32 (n_persons,).
        """
        counts = np.zeros((int(segment.max()) + 1, past.n_products))
        np.add.at(counts, (segment[past.person], past.product), 1.0)
        return cls((counts + 1e-3 * counts.sum(axis=0)).astype(np.float32), segment)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """See ``Model``."""
        return np.asarray(self.score[self.segment[persons]], np.float32)

    def score_items(self, items: Codes) -> Floats:
        """See ``Model``."""
        return np.broadcast_to(self.score.sum(axis=0), (len(items), self.score.shape[1]))


def segments(world: World, log: InteractionLog, since: int) -> dict[str, Any]:
    """Popularity among a stranger's own kind against popularity among all.

    Asked are persons without history at a moment, of whom nothing but the segment is known. The
    department is the true one, which no shop knows of a stranger: it shows what a segment that
    matters would bring.

    Args:
        world: the truth.
        log: interactions.
        since: seconds.
    """
    past, later = log.before(since), log.from_moment(since)
    device = np.zeros(len(world.people), np.int64)
    first = np.flatnonzero(world.visits.is_first & (world.visits.person >= 0))
    device[world.visits.person[first]] = world.devices.kind[world.visits.device[first]]
    number = {key: code for code, key in enumerate(world.people.person_keys)}
    person = np.array([number[name] for name in log.person_ids.to_pylist()])
    chosen = seen_products(later)
    is_stranger = np.ones(log.n_persons, np.bool_)
    is_stranger[past.person] = False
    asked = np.flatnonzero(is_stranger & (np.diff(chosen.indptr)[:-1] > 0)).astype(np.int32)
    nothing = csr_array((len(asked), log.n_products), dtype=np.float32)
    everything = np.ones(log.n_products, np.bool_)
    case = Case(past, asked, nothing, chosen[asked], everything, ~everything, since)
    kinds = {
        "all": np.zeros(len(world.people), np.int64),
        "country": world.people.country,
        "device": device,
        "department": world.people.department,
    }
    values = {
        name: case.values(case.lists([PopularAmong.fit(past, kind[person].astype(np.int32))]))
        for name, kind in kinds.items()
    }
    return {
        name: {
            "means": summary(of_kind)["all"],
            "against_all": difference(of_kind, values["all"])["all"],
        }
        for name, of_kind in values.items()
    }
