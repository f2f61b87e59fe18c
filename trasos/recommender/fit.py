"""Fitting all models on a log, with the blend's weights tuned on its last days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import person_product
from trasos.recommender.metrics import hits_of, ndcg
from trasos.recommender.models.als import Als
from trasos.recommender.models.blend import Blend, add, normalised
from trasos.recommender.models.chance import ChanceInDepartment
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import Popular, PopularInDepartment
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import allowed_block, batches
from trasos.recommender.split import split_in_time

UNTUNED_WEIGHTS = (0.35, 0.5, 0.15)
"""Of ALS, co-visitation and popularity where a log is too short to tune on: what sparse shops
favour (facts of the field: co-visitation ahead of factors, popularity as the tie-breaker)."""

TUNING_K, TUNING_POOL = 10, 200


@dataclass(frozen=True)
class Recommender:
    """All models fitted on the same interactions.

    Attributes:
        popular: overall popularity.
        in_department: popularity within the person's main department.
        covisitation: pairs over sessions and histories.
        als: factors.
        weights: of ALS, co-visitation and popularity in the department within the blend.
        n_tuning_persons: persons on whom the weights were chosen; 0 where they are the default.
        tuning_ndcg: mean NDCG@10 of the chosen weights on the validation; nan where not tuned.
    """

    popular: Popular
    in_department: PopularInDepartment
    covisitation: CoVisitation
    als: Als
    weights: tuple[float, float, float]
    n_tuning_persons: int
    tuning_ndcg: float

    @property
    def blend(self) -> Blend:
        """ALS, co-visitation and popularity in the department, weighed and added."""
        return Blend((self.als, self.covisitation, self.in_department), self.weights)

    def models(self, seed: int) -> tuple[Model, ...]:
        """All models by which the blend is judged, the baselines first."""
        chance = ChanceInDepartment(
            self.in_department.main_department, self.in_department.department, seed
        )
        return (
            self.popular,
            self.in_department,
            chance,
            self.covisitation,
            self.als,
            self.blend,
        )


def fit(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, *, n_threads: int = 0
) -> Recommender:
    """Tune the blend on the last days of a log, then fit all models on the whole of it.

    Args:
        log: interactions up to now.
        catalogue: products.
        params: tunables.
        n_threads: threads of the ALS solver, 0 for all cores; nothing depends on it.
    """
    weights, n_persons, quality = tune_weights(log, catalogue, params, n_threads=n_threads)
    fitted = _fit_parts(log, catalogue, params, n_threads)
    return Recommender(*fitted, weights, n_persons, quality)


def tune_weights(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, *, n_threads: int = 0
) -> tuple[tuple[float, float, float], int, float]:
    """Choose the blend's weights by mean NDCG@10 on the last ``validation_days`` of a log.

    Args:
        log: interactions; when a test follows, it is not among them.
        catalogue: products.
        params: tunables.
        n_threads: as in ``fit``.

    Returns:
        The weights, the number of persons they were chosen on, and their mean NDCG@10. With
        nobody to choose on: ``UNTUNED_WEIGHTS``, 0 and nan.
    """
    split = split_in_time(
        log,
        catalogue,
        params.validation_days,
        relevant_types=params.relevant_event_types,
        evidence_days=params.on_sale_evidence_days,
    )
    warm = np.flatnonzero(split.persons >= 0) if split else np.empty(0, np.int64)
    if split is None or len(warm) == 0:
        return UNTUNED_WEIGHTS, 0, float("nan")
    if len(warm) > params.tuning_persons:
        warm = np.random.default_rng(params.seed).choice(
            warm, params.tuning_persons, replace=False, shuffle=False
        )
        warm.sort()
    _, in_department, covisitation, als = _fit_parts(split.train, catalogue, params, n_threads)
    models: tuple[Model, ...] = (als, covisitation, in_department)
    grid = weight_grid()
    total = np.zeros(len(grid))
    for batch in batches(len(warm), catalogue.n_products):
        rows = warm[batch]
        persons = split.persons[rows]
        allowed = allowed_block(len(rows), split.candidates, split.seen[persons])
        blocks = [normalised(model.score_persons(persons, allowed), allowed) for model in models]
        pool = _pool(blocks, allowed)
        pooled = [np.take_along_axis(block, pool, axis=1) for block in blocks]
        relevant, n_relevant = split.relevant[rows], split.n_relevant[rows]
        for position, weights in enumerate(grid):
            scores = add([np.float32(w) * b for w, b in zip(weights, pooled, strict=True)])
            best = np.argsort(-scores, axis=1, kind="stable")[:, :TUNING_K]
            hits = hits_of(np.take_along_axis(pool, best, axis=1), relevant)
            total[position] += ndcg(hits, n_relevant, TUNING_K).sum()
    # The first of the grid wins a tie; it goes from the plainest blend to the most mixed.
    winner = int(total.argmax())
    return grid[winner], len(warm), float(total[winner] / len(warm))


def weight_grid() -> list[tuple[float, float, float]]:
    """The blends tried: popularity alone, then each share of it with five mixtures of the rest."""
    grid = [(0.0, 0.0, 1.0)]
    for popularity in (0.0, 0.05, 0.15, 0.3, 0.5):
        rest = 1.0 - popularity
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            als = round(rest * share, 6)
            grid.append((als, round(rest - als, 6), popularity))
    return grid


def _pool(blocks: Sequence[Floats], allowed: Flags) -> Codes:
    """The products of each row that stand highest in any of the parts, by rising code.

    Blends are tried on these alone. A blend's score is at most the largest part's, so what the
    pool leaves out could hardly have come among the first ten. Rows with fewer allowed products
    than others are filled with ones of score zero.
    """
    highest = np.maximum.reduce(list(blocks))
    highest = np.where(allowed, highest, np.float32(-1))
    n = min(TUNING_POOL, highest.shape[1])
    pool = np.argpartition(-highest, n - 1, axis=1)[:, :n]
    return np.sort(pool, axis=1).astype(np.int32)


def _fit_parts(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, n_threads: int
) -> tuple[Popular, PopularInDepartment, CoVisitation, Als]:
    as_of = log.last_at + 1
    matrix = person_product(log, as_of, params.half_life_days)
    return (
        Popular.fit(matrix),
        PopularInDepartment.fit(matrix, catalogue),
        CoVisitation.fit(log, params, as_of),
        Als.fit(matrix, params, n_threads=n_threads),
    )
