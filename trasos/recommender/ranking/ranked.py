"""The ranked model: candidates of all sources, in the order of the trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.candidates.pool import Pool, pool
from trasos.recommender.candidates.sources import sources
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.models.alike import PeopleAlike
from trasos.recommender.models.model import NO_OPINION, Model
from trasos.recommender.params import RecommenderParams
from trasos.recommender.parts import Recommender
from trasos.recommender.ranking.features import NAMES, TRAITS, Features
from trasos.recommender.ranking.ranker import Ranker
from trasos.recommender.sql import Events

OF_SOURCE = ("score", "share", "rank")


@dataclass(frozen=True)
class Shelf:
    """All that is known at a moment of which candidates there are and what they are like.

    Attributes:
        sources: models that bring candidates.
        features: of persons, products and pairs.
        depth: candidates of each source.
    """

    sources: tuple[Model, ...]
    features: Features
    depth: int

    @classmethod
    def at(
        cls,
        recommender: Recommender,
        log: InteractionLog,
        catalogue: Catalogue,
        params: RecommenderParams,
    ) -> Shelf:
        """As of the end of a log.

        Args:
            recommender: fitted on the log, or carried over to it.
            log: interactions.
            catalogue: products.
            params: tunables.
        """
        with Events.of(log, catalogue, params) as events:
            return cls(
                sources(recommender, log, catalogue, params, events),
                Features.at(log, catalogue, params, log.last_at + 1, events),
                params.candidate_depth,
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the features, those of sources first."""
        return columns(self.sources)

    def pool(self, persons: Codes, allowed: Flags) -> Pool:
        """The candidates of a batch; see ``candidates.pool``."""
        return pool(self.sources, persons, allowed, self.depth)

    def rows(self, candidates: Pool, cells: tuple[Codes, Codes]) -> Floats:
        """The features of some candidates.

        Args:
            candidates: of a batch.
            cells: places of persons in the batch, and codes of products; (n,) each.

        Returns:
            float32 (n, len(columns)); nan where a source has no opinion or something is unknown.
        """
        blocks = []
        for scores, ranks in zip(candidates.scores, candidates.ranks, strict=True):
            known = np.where(np.isfinite(scores), scores, np.float32(np.nan))
            # Positive scores are shares of the person's best; the few below zero stay none.
            best = np.max(scores, axis=1, initial=0)
            share = known[cells] / np.where(best > 0, best, 1)[cells[0]]
            rank = np.where(ranks[cells] > 0, ranks[cells], np.nan)
            blocks.append(np.column_stack([known[cells], share, rank]))
        for trait in TRAITS:
            blocks.append(self._alike_share(candidates, trait)[cells][:, None])
        of_pairs = self.features.pairs(candidates.persons, *cells)
        return np.concatenate([*blocks, of_pairs], axis=1).astype(np.float32)

    def _alike_share(self, candidates: Pool, trait: str) -> Floats:
        """The share of each product's category or brand in what people alike did of late."""
        scores = candidates.scores[candidates.names.index(PeopleAlike.name)]
        liked = np.where(scores > 0, scores, np.float32(0))
        value = self.features.trait_value[trait]
        places = csr_array(
            (np.ones(len(value), np.float32), (np.arange(len(value)), value)),
            shape=(len(value), len(self.features.usual_share[trait])),
        )
        share = liked @ places
        total = share.sum(axis=1, keepdims=True)
        return np.asarray((share / np.where(total > 0, total, 1))[:, value], np.float32)


def columns(of: Sequence[Model]) -> tuple[str, ...]:
    """Names of the features over some sources."""
    return (
        *(f"{source.name}_{name}" for source in of for name in OF_SOURCE),
        *(f"{trait}_alike_share" for trait in TRAITS),
        *NAMES,
    )


@dataclass(frozen=True)
class Ranked:
    """Candidates in the order of the trees; what no source brings has no opinion.

    Attributes:
        shelf: sources and features as of the end of a log.
        ranker: the trees.
        name: see ``Model``.
    """

    shelf: Shelf
    ranker: Ranker
    name: str = "ranked"

    @classmethod
    def over(cls, recommender: Recommender, log: InteractionLog, catalogue: Catalogue) -> Ranked:
        """The ranked model over a log, with the tunables that it was learnt with.

        Args:
            recommender: fitted on the log, or carried over to it; its ranker holds trees.
            log: interactions.
            catalogue: products.
        """
        ranker = recommender.ranker
        return cls(Shelf.at(recommender, log, catalogue, ranker.params), ranker)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """The trees' odds of the candidates; see ``Model``."""
        return self.scored(self.shelf.pool(persons, allowed))

    def scored(self, candidates: Pool) -> Floats:
        """The trees' odds of a batch's candidates, as ``score_persons`` gives them."""
        cells = _cells(candidates)
        scores = np.full(candidates.scores[0].shape, NO_OPINION)
        scores[cells] = self.ranker.score(self.shelf.rows(candidates, cells))
        return scores

    def score_items(self, items: Codes) -> Floats:
        """Nothing: it ranks for persons; see ``Model``."""
        return np.full((len(items), len(self.shelf.features.of_product)), NO_OPINION)


def for_you(recommender: Recommender, log: InteractionLog, catalogue: Catalogue) -> Model:
    """What answers persons with a history: the ranked model where it serves, else the blend.

    Args:
        recommender: fitted on the log, or carried over to it.
        log: interactions.
        catalogue: products.
    """
    if not recommender.ranker.serves:
        return recommender.blend
    return Ranked.over(recommender, log, catalogue)


def _cells(candidates: Pool) -> tuple[Codes, Codes]:
    rows, products = np.nonzero(candidates.is_candidate)
    return rows.astype(np.int32), products.astype(np.int32)
