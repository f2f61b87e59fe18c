"""What the solver is for: lists as good as those of ``implicit``, its reference."""

from __future__ import annotations

import numpy as np

from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import person_product
from trasos.recommender.metrics import hits_of, ndcg
from trasos.recommender.models.als import Als
from trasos.recommender.models.model import Model, for_persons
from trasos.recommender.models.popularity import Popular
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import allowed_block, top_n
from trasos.recommender.split import split_as_tuned

PARAMS = RecommenderParams(als_factors=24)


def test_lists_are_as_good_as_those_of_implicit(log: InteractionLog, catalogue: Catalogue) -> None:
    """NDCG@10 on later days, of the same persons in pairs; nothing is tuned for either."""
    split = split_as_tuned(log, catalogue, PARAMS, PARAMS.test_days)
    assert split is not None
    asked = np.flatnonzero(split.persons >= 0)
    persons = split.persons[asked]
    allowed = allowed_block(len(persons), split.candidates, split.seen[persons])
    matrix = person_product(split.train, split.train.last_at + 1, PARAMS.half_life_days)

    def quality(model: Model) -> np.ndarray:
        best = top_n([for_persons(model, persons, allowed)], allowed, 10)
        hits = hits_of(best.items, split.relevant[asked])
        return ndcg(hits, split.n_relevant[asked], 10)

    reference = quality(Als.fit(matrix, PARAMS))
    gain = reference.mean() - quality(Popular.fit(matrix)).mean()
    assert gain > 0.05
    for power in (0.0, 1.0):
        params = RecommenderParams(als_factors=24, als_solver="trasos", als_frequency_power=power)
        found = quality(Als.fit(matrix, params))
        pairs = (found - reference)[:, None]
        low, high = percentile_interval(resampled_means(pairs, 1_000, seed=1), 0.95)
        # Not worse by more than a tenth of what there is to gain over popularity.
        assert low[0] > -0.1 * gain, (power, reference.mean(), found.mean(), low, high)
