"""The fitted parts of a recommender, from which lists are blended or ranked."""

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
from trasos.recommender.models.rp3beta import Rp3Beta
from trasos.recommender.params import RecommenderParams
from trasos.recommender.ranking.ranker import Ranker
from trasos.recommender.tune import Tuning


@dataclass(frozen=True)
class Recommender:
    """All models fitted on the same interactions.

    Attributes:
        popular: overall popularity.
        in_department: popularity within the person's main department.
        covisitation: pairs over sessions and histories.
        als: factors.
        rp3beta: walks over three steps.
        tuning: weights of the blend and regularization of ALS, and how they were chosen.
        ranker: what orders the candidates of all of them, and whether it serves.
    """

    popular: Popular
    in_department: PopularInDepartment
    covisitation: CoVisitation
    als: Als
    rp3beta: Rp3Beta
    tuning: Tuning
    ranker: Ranker

    @property
    def blend(self) -> Blend:
        """ALS, co-visitation and popularity in the department, weighed and added."""
        return Blend((self.als, self.covisitation, self.in_department), self.tuning.weights)

    @property
    def validation(self) -> tuple[float, int]:
        """NDCG@10 of what serves on the days it was chosen on, and of how many persons."""
        if self.ranker.serves:
            return self.ranker.ndcg, self.ranker.n_judged
        return self.tuning.ndcg, self.tuning.n_persons

    def models(self, seed: int) -> tuple[Model, ...]:
        """The models that need no log beside them, the baselines first.

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
            self.rp3beta,
            self.blend,
        )


def fit_parts(
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    tuning: Tuning,
    ranker: Ranker,
    *,
    n_threads: int = 0,
) -> Recommender:
    """Fit every model on the whole of a log.

    Args:
        log: interactions up to now.
        catalogue: products.
        params: tunables.
        tuning: weights and regularization.
        ranker: what orders their candidates.
        n_threads: threads of the ALS solver, 0 for all cores; nothing depends on it.
    """
    as_of = log.last_at + 1
    matrix = person_product(log, as_of, params.half_life_days)
    return Recommender(
        popular=Popular.fit(matrix),
        in_department=PopularInDepartment.fit(matrix, catalogue),
        covisitation=CoVisitation.fit(log, params, as_of),
        als=Als.fit(matrix, params, regularization=tuning.regularization, n_threads=n_threads),
        rp3beta=Rp3Beta.fit(matrix, params),
        tuning=tuning,
        ranker=ranker,
    )
