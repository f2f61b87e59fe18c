"""Fitting all models on a log, with the blend tuned on its last days."""

from __future__ import annotations

from dataclasses import dataclass

from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import person_product
from trasos.recommender.models.als import Als
from trasos.recommender.models.blend import Blend
from trasos.recommender.models.chance import ChanceInDepartment
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import Popular, PopularInDepartment
from trasos.recommender.params import RecommenderParams
from trasos.recommender.tune import Tuning, tune


@dataclass(frozen=True)
class Recommender:
    """All models fitted on the same interactions.

    Attributes:
        popular: overall popularity.
        in_department: popularity within the person's main department.
        covisitation: pairs over sessions and histories.
        als: factors.
        tuning: weights of the blend and regularization of ALS, and how they were chosen.
    """

    popular: Popular
    in_department: PopularInDepartment
    covisitation: CoVisitation
    als: Als
    tuning: Tuning

    @property
    def blend(self) -> Blend:
        """ALS, co-visitation and popularity in the department, weighed and added."""
        return Blend((self.als, self.covisitation, self.in_department), self.tuning.weights)

    def models(self, seed: int) -> tuple[Model, ...]:
        """All models by which the blend is judged, the baselines first.

        Args:
            seed: of the draws of chance.
        """
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
    tuning = tune(log, catalogue, params, n_threads=n_threads)
    as_of = log.last_at + 1
    matrix = person_product(log, as_of, params.half_life_days)
    return Recommender(
        popular=Popular.fit(matrix),
        in_department=PopularInDepartment.fit(matrix, catalogue),
        covisitation=CoVisitation.fit(log, params, as_of),
        als=Als.fit(matrix, params, regularization=tuning.regularization, n_threads=n_threads),
        tuning=tuning,
    )
