"""The trial: a newly trained version beside the champion, one decision, and who serves then.

Both are judged by their rehearsals: the same models as they would have been at the beginning of
the test, ``test_days`` earlier. The champion's was kept when it was evaluated, and its test came
no later than this one, so neither has seen a day of it. The champion's rehearsal is older than the
challenger's by as much as the champion is, so that what age costs is in the comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array, eye_array

from trasos.errors import InputError, NotReadyError
from trasos.recommender.arrays import Codes, Sparse
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.comparison import comparison
from trasos.recommender.gate.contender import Contender, Lists, Rehearsal
from trasos.recommender.gate.criterion import Criterion, not_judged
from trasos.recommender.gate.decision import (
    ROWS,
    Decision,
    Record,
    decide,
    decisions_on,
    keep,
)
from trasos.recommender.gate.exposure import SLOT, exposure
from trasos.recommender.gate.ground import Ground
from trasos.recommender.gate.invariants import invariants
from trasos.recommender.gate.leakage import LEAKAGE, leakage
from trasos.recommender.gate.pointer import RETIREMENT, Succession, choosing, move, succession
from trasos.recommender.judge import lists_of
from trasos.recommender.kept import EVALUATIONS, MODEL, Kept, carried_over, read_kept
from trasos.recommender.matrix import seen_products
from trasos.recommender.params import RecommenderParams
from trasos.recommender.ranking.ranked import for_you
from trasos.recommender.serve import Answers, popular, recommend, similar
from trasos.recommender.split import Split, split_as_tuned
from trasos.recommender.threads import one_blas_thread


@dataclass(frozen=True)
class Trial:
    """Today's data, on which a version is tried.

    Attributes:
        log: interactions up to now.
        catalogue: products.
        params: tunables of the challenger; length of the test and of the lists for both.
        bounds: of the gate.
        artefacts: folder of all artefacts, the challenger and its evaluation among them.
        persons: int32, rising codes of the persons who are to be served.
    """

    log: InteractionLog
    catalogue: Catalogue
    params: RecommenderParams
    bounds: GateBounds
    artefacts: Path
    persons: Codes

    def settle(self, model_version: str) -> Any:
        """Judge a version unless that was done, and let it serve where the decision says so.

        A version is judged once as long as somebody serves, so that what people decide afterwards
        stands until there is something new. A champion of another shop, which knows less than
        ``min_known`` of what is on sale, counts as nobody.

        Args:
            model_version: the challenger, trained and evaluated.

        Returns:
            ``pyarrow.Table`` with schema ``decision.ROWS``: every decision on this version.

        Raises:
            NotReadyError: somebody else is choosing, or the champion's artefact is gone.
            InputError: an artefact, a decision or the champion's file is damaged.
        """
        with choosing(self.artefacts):
            now = succession(self.artefacts)
            if now.champion != model_version:
                champion = now.champion if self._is_known(now.champion) else None
                record = self._due(model_version, champion, now)
                if record is not None and record.moves:
                    move(self.artefacts, model_version, record.outcome, record.reason)
                elif champion is None and now.champion is not None:
                    move(self.artefacts, None, RETIREMENT, "It knows too little of the catalogue.")
        rows = [record.rows for record in decisions_on(self.artefacts, model_version)]
        return pa.concat_tables(rows) if rows else ROWS.empty_table()

    def judge(self, model_version: str, champion_version: str | None) -> Decision:
        """Judge a version, and let it meet the champion where it breaks nothing.

        Args:
            model_version: the challenger.
            champion_version: whom it meets; None for nobody.
        """
        split = split_as_tuned(self.log, self.catalogue, self.params, self.params.test_days)
        ground = None if split is None else Ground.of(split, self.params, self.bounds)
        challenger = self.contender(model_version, split)
        criteria = alone(
            challenger, ground, self.catalogue, self.params, self.bounds, self.log.last_at
        )
        if champion_version is not None and all(each.is_passed for each in criteria):
            criteria += beside(
                challenger,
                self.contender(champion_version, split, is_compared=True),
                ground,
                self.catalogue,
                self.params,
                self.bounds,
                self.log.last_at,
            )
        return decide(model_version, champion_version, criteria, self.log.last_at)

    def contender(
        self, model_version: str, split: Split | None, *, is_compared: bool = False
    ) -> Contender:
        """A kept version over today's data.

        Args:
            model_version: its name.
            split: the test that its rehearsal is asked on; None where there is none.
            is_compared: make only the lists that are compared, those of persons.
        """
        kept = self._kept(model_version)
        with one_blas_thread():
            recommender = carried_over(kept, self.log, self.catalogue)
            others = () if is_compared else self._other_slots(recommender)
            return Contender(
                model_version,
                kept.trained_through,
                (self._for_you(recommender), *others),
                None if split is None else self._rehearsal(model_version, split),
            )

    def _due(self, model_version: str, champion: str | None, now: Succession) -> Record | None:
        """The decision that is to be followed now; None where nothing is to be done."""
        records = {
            record.champion_version: record
            for record in decisions_on(self.artefacts, model_version)
        }
        if records and champion is not None:
            # A kill may have come between the decision and the move; people come after both.
            was_moved = any(each.champion == model_version for each in now.history)
            return None if was_moved else records.get(champion)
        if champion not in records:
            decision = self.judge(model_version, champion)
            keep(self.artefacts, decision, self.bounds)
            records = {
                record.champion_version: record
                for record in decisions_on(self.artefacts, model_version)
            }
        return records[champion]

    def _is_known(self, model_version: str | None) -> bool:
        """Whether a champion knows enough of what is on sale to be this shop's."""
        if model_version is None:
            return False
        known = self._kept(model_version).known(self.catalogue)[self.catalogue.is_on_sale] >= 0
        return bool(known.mean() >= self.bounds.min_known)

    def _kept(self, model_version: str) -> Kept:
        try:
            return read_kept(self.artefacts / model_version)
        except (NotReadyError, InputError) as error:
            raise type(error)(
                f"The model {model_version} cannot be read, so nothing can be judged beside it or "
                "served from it. `trasos model list` shows what else could serve, `trasos model "
                f"promote` lets it. {error}"
            ) from error

    def _for_you(self, recommender: Recommender) -> Lists:
        """The lists of persons."""
        catalogue, n = self.catalogue, self.params.list_length
        bought = seen_products(self.log.take(self.log.is_type(self.params.order_event_types)))
        left = catalogue.is_on_sale.sum() - bought[self.persons] @ catalogue.is_on_sale
        answers = recommend(recommender, self.log, catalogue, self.params, self.persons)
        return _lists(SLOT, answers, bought[answers.subjects], int((left >= n).sum()), n)

    def _other_slots(self, recommender: Recommender) -> tuple[Lists, ...]:
        """The lists of products and of departments."""
        catalogue, n = self.catalogue, self.params.list_length
        to_products = similar(recommender, catalogue, self.params)
        to_all = popular(recommender, catalogue, self.params)
        nothing = csr_array((len(to_all.subjects), catalogue.n_products), dtype=np.float32)
        itself = csr_array(eye_array(catalogue.n_products, dtype=np.float32))
        return (
            _lists("similar", to_products, itself, catalogue.n_products, n),
            _lists("popular", to_all, nothing, len(catalogue.departments) + 1, n),
        )

    def _rehearsal(self, model_version: str, split: Split) -> Rehearsal | None:
        folder = self.artefacts / EVALUATIONS / model_version
        if not (folder / MODEL).exists():
            return None
        kept = read_kept(folder)
        recommender = carried_over(kept, split.train, self.catalogue)
        served = for_you(recommender, split.train, self.catalogue)
        ndcg, n_persons = recommender.validation
        return Rehearsal(
            kept.trained_through,
            lists_of(served, recommender, split).items,
            recommender.covisitation.history[split.persons],
            ndcg,
            n_persons,
        )


def alone(
    challenger: Contender,
    ground: Ground | None,
    catalogue: Catalogue,
    params: RecommenderParams,
    bounds: GateBounds,
    newest_at: int,
) -> list[Criterion]:
    """What a model has to keep whoever serves.

    Args:
        challenger: the model.
        ground: the test; None where the log is too short for one.
        catalogue: today's products.
        params: seed, resamples and confidence of intervals, min_persons.
        bounds: of the gate.
        newest_at: seconds, the newest interaction of all.
    """
    criteria = invariants(challenger, catalogue, bounds, newest_at)
    if ground is None or challenger.rehearsal is None:
        return criteria + [
            not_judged(name, "the log is too short to hold out a test") for name in LEAKAGE
        ]
    return criteria + leakage(challenger.rehearsal, ground, params, bounds)


def beside(
    challenger: Contender,
    champion: Contender,
    ground: Ground | None,
    catalogue: Catalogue,
    params: RecommenderParams,
    bounds: GateBounds,
    newest_at: int,
) -> list[Criterion]:
    """What a model has to keep beside the one that serves; arguments as in ``alone``."""
    return [
        *comparison(challenger, champion, ground, params, bounds, newest_at),
        *exposure(challenger, champion, catalogue, bounds),
    ]


def _lists(slot: str, answers: Answers, barred: Sparse, n_wanted: int, length: int) -> Lists:
    return Lists(slot, answers.subjects, answers.items, answers.scores, barred, n_wanted, length)
