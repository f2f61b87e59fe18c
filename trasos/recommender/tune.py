"""Choosing the blend: its weights and the regularization of ALS, on days before any test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trasos.recommender.arrays import Codes, Doubles, Flags, Floats
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import person_product
from trasos.recommender.metrics import hits_of, ndcg
from trasos.recommender.models.als import Als
from trasos.recommender.models.blend import add, normalised
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import PopularInDepartment
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import allowed_block, batches
from trasos.recommender.split import Split, split_as_tuned

Weights = tuple[float, float, float]

UNTUNED_WEIGHTS: Weights = (0.35, 0.5, 0.15)
"""Where a log is too short to tune on. Sparse shops favour co-visitation a little over factors
(public comparisons on Gowalla, Amazon and grocery logs agree), with popularity to break ties."""

POPULARITY_SHARES = (0.0, 0.05, 0.15, 0.3, 0.5)
ALS_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
REGULARIZATION_FACTORS = (1.0, 0.3, 3.0)
"""Times ``als_regularization``: how much a shop wants hangs on its events a person."""

K, POOL = 10, 200


@dataclass(frozen=True)
class Tuning:
    """What was chosen, and on whom.

    Attributes:
        weights: of ALS, co-visitation and popularity in the department; they sum to one.
        regularization: of ALS.
        n_persons: persons it was chosen on; 0 where it is the default.
        ndcg: their mean NDCG@10; nan where it is the default.
    """

    weights: Weights
    regularization: float
    n_persons: int
    ndcg: float


def tune(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, *, n_threads: int = 0
) -> Tuning:
    """Choose by mean NDCG@10 on the last ``validation_days`` of a log.

    Args:
        log: interactions; where a test follows, it is not among them.
        catalogue: products.
        params: tunables.
        n_threads: threads of the ALS solver, 0 for all cores; nothing depends on it.

    Returns:
        The best of the grid, the first of it where several are equal; the defaults with fewer
        than ``min_persons`` to choose on.
    """
    split = split_as_tuned(log, catalogue, params, params.validation_days)
    rows = np.flatnonzero(split.persons >= 0) if split else np.empty(0, np.intp)
    if split is None or len(rows) < params.min_persons:
        return Tuning(UNTUNED_WEIGHTS, params.als_regularization, 0, float("nan"))
    if len(rows) > params.tuning_persons:
        draw = np.random.default_rng(params.seed)
        rows = np.sort(draw.choice(rows, params.tuning_persons, replace=False, shuffle=False))
    as_of = split.train.last_at + 1
    matrix = person_product(split.train, as_of, params.half_life_days)
    others = (
        CoVisitation.fit(split.train, params, as_of),
        PopularInDepartment.fit(matrix, catalogue),
    )
    grid = weight_grid()
    regularizations = [params.als_regularization * factor for factor in REGULARIZATION_FACTORS]
    quality = np.array(
        [
            _try_weights(
                (Als.fit(matrix, params, regularization=value, n_threads=n_threads), *others),
                split,
                rows,
                grid,
            )
            for value in regularizations
        ]
    )
    best = np.unravel_index(int(quality.argmax()), quality.shape)
    return Tuning(grid[best[1]], regularizations[best[0]], len(rows), float(quality[best]))


def weight_grid() -> list[Weights]:
    """The blends tried: popularity alone, then each share of it with five mixtures of the rest."""
    grid: list[Weights] = [(0.0, 0.0, 1.0)]
    for popularity in POPULARITY_SHARES:
        for share in ALS_SHARES:
            als = round((1 - popularity) * share, 6)
            grid.append((als, round(1 - popularity - als, 6), popularity))
    return grid


def _try_weights(
    models: Sequence[Model], split: Split, rows: NDArray[np.intp], grid: Sequence[Weights]
) -> Doubles:
    """Mean NDCG@10 over some judged persons of each blend of the grid; shape (len(grid),)."""
    total = np.zeros(len(grid))
    for batch in batches(len(rows), len(split.candidates)):
        persons = split.persons[rows[batch]]
        allowed = allowed_block(len(persons), split.candidates, split.seen[persons])
        blocks = [normalised(model.score_persons(persons, allowed), allowed) for model in models]
        pool = _pool(blocks, allowed)
        pooled = [np.take_along_axis(block, pool, axis=1) for block in blocks]
        relevant, n_relevant = split.relevant[rows[batch]], split.n_relevant[rows[batch]]
        for position, weights in enumerate(grid):
            scores = add([np.float32(w) * b for w, b in zip(weights, pooled, strict=True)])
            best = np.argsort(-scores, axis=1, kind="stable")[:, :K]
            hits = hits_of(np.take_along_axis(pool, best, axis=1), relevant)
            total[position] += ndcg(hits, n_relevant, K).sum()
    return total / len(rows)


def _pool(blocks: Sequence[Floats], allowed: Flags) -> Codes:
    """The products of each row that stand highest in any of the parts, by rising code.

    Blends are tried on these alone. A blend's score is at most the largest part's, so what the
    pool leaves out could hardly have come among the first ten. Rows with fewer allowed products
    than others are filled with ones of score zero.
    """
    highest = np.where(allowed, np.maximum.reduce(list(blocks)), np.float32(-1))
    n = min(POOL, highest.shape[1])
    pool = np.argpartition(-highest, n - 1, axis=1)[:, :n]
    return np.sort(pool, axis=1).astype(np.int32)
