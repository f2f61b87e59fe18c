"""The lists of persons: of those with history and of strangers, new products drawn into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trasos.recommender.answers import RECOMMENDATIONS, to_table
from trasos.recommender.arrays import Codes
from trasos.recommender.columns import Columns
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.exploration import Exploration, ExplorationParams
from trasos.recommender.fit import Recommender
from trasos.recommender.lists import Answers
from trasos.recommender.matrix import seen_products
from trasos.recommender.params import RecommenderParams
from trasos.recommender.renewal import LISTS, Renewal
from trasos.recommender.rules import Overrides, Rule, Scope
from trasos.recommender.rules.rule import FOR_YOU
from trasos.recommender.serve import for_strangers, recommend
from trasos.recommender.threads import one_blas_thread


@dataclass(frozen=True)
class Asked:
    """Who is asked about.

    Attributes:
        known: int32, rising codes of those with history.
        strangers: strings, the ids of those without.
    """

    known: Codes
    strangers: Any

    @classmethod
    def of(cls, persons: Any, log: InteractionLog) -> Asked:
        """Read the column person_id of a table; whoever is named twice is asked about once."""
        asked = pc.unique(Columns(persons, "persons").texts("person_id"))
        codes = pc.index_in(asked, value_set=log.person_ids)
        known = np.sort(codes.drop_null().to_numpy()).astype(np.int32)
        return cls(known, asked.filter(codes.is_null()))


@dataclass(frozen=True)
class PersonLists:
    """Who answers, and from what.

    Attributes:
        model_version: who answers.
        recommender: its model over ``log``.
        log: interactions.
        catalogue: products.
        params: tunables.
        rules: merchandisers' rules in force.
    """

    model_version: str
    recommender: Recommender
    log: InteractionLog
    catalogue: Catalogue
    params: RecommenderParams
    rules: tuple[Rule, ...]

    def answers(self, asked: Asked, overrides: Overrides) -> tuple[Answers, Answers]:
        """Lists of persons with history, and of strangers, whose subjects count from 0."""
        given = self.catalogue, self.params
        with one_blas_thread():
            known = recommend(self.recommender, self.log, *given, asked.known, overrides)
        return known, for_strangers(self.recommender, *given, len(asked.strangers), overrides)

    def table(
        self, asked: Asked, exploring: ExplorationParams, standing: Any, max_age_days: int
    ) -> Any:
        """The list of each: ``pyarrow.Table`` of ``renewal.LISTS``, persons with history first.

        Args:
            asked: whose.
            exploring: how much is explored.
            standing: ``pyarrow.Table`` of ``renewal.LISTS``, lists made before; None for none.
                Strangers' are made anew, which costs next to nothing.
            max_age_days: so long may one of them stand; see ``renewal``.
        """
        given = self.model_version, self.log, self.catalogue, self.params, self.rules
        renewal = Renewal.of(*given, exploring, max_age_days)
        kept, anew = LISTS.empty_table(), asked.known
        if standing is not None and standing.num_rows:
            kept, anew = renewal.standing(
                standing, asked.known, self.log, self.catalogue, self.params.list_length
            )
        wanted = Asked(anew, asked.strangers)
        known, strangers = self._explored(
            *self.answers(wanted, Overrides(self.rules)), asked.strangers, exploring
        )
        given_ids = self.catalogue.product_ids, RECOMMENDATIONS, self.model_version
        made = renewal.stamped(to_table(known, self.log.person_ids, *given_ids), self.log)
        of_known = pa.concat_tables([kept, made])
        if kept.num_rows:
            of_known = of_known.sort_by([("person_id", "ascending"), ("rank", "ascending")])
        of_strangers = renewal.stamped(to_table(strangers, asked.strangers, *given_ids), None)
        return pa.concat_tables([of_known, of_strangers])

    def _explored(
        self, known: Answers, strangers: Answers, names: Any, exploring: ExplorationParams
    ) -> tuple[Answers, Answers]:
        """Both with new products drawn into them."""
        if exploring.share == 0:
            return known, strangers
        plan = Exploration.plan(self.log, self.catalogue, exploring)
        met = seen_products(self.log)

        def drawn(answers: Answers, ids: Any, rows: Codes) -> Answers:
            home = self.recommender.in_department.main_department[rows]
            scope = Scope(FOR_YOU, home)
            return plan.apply(answers, ids.to_pylist(), met[rows], home, self.rules, scope)

        # The last row is of persons without history: they met nothing, and live nowhere.
        nobody = np.full(len(names), self.log.n_persons, np.int32)
        own = self.log.person_ids.take(pa.array(known.subjects))
        return drawn(known, own, known.subjects), drawn(strangers, names, nobody)
