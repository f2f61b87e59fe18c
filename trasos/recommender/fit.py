"""Fitting all models on a log: the blend tuned, and ranking learnt, on its earlier days."""

from __future__ import annotations

from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.parts import Recommender, fit_parts
from trasos.recommender.ranking.learn import learn
from trasos.recommender.tune import tune

__all__ = ["Recommender", "fit"]


def fit(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, *, n_threads: int = 0
) -> Recommender:
    """Tune the blend and learn ranking on earlier days of a log, then fit all models on all of it.

    Args:
        log: interactions up to now.
        catalogue: products.
        params: tunables.
        n_threads: threads of the ALS solver, 0 for all cores; nothing depends on it.
    """
    tuning = tune(log, catalogue, params, n_threads=n_threads)
    ranker = learn(log, catalogue, params, tuning, n_threads=n_threads)
    return fit_parts(log, catalogue, params, tuning, ranker, n_threads=n_threads)
