"""The tables that dbt's Python models ask for, over one reading of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from trasos.errors import InputError, NotReadyError
from trasos.recommender.answers import POPULAR_ITEMS, SIMILAR_ITEMS, to_table
from trasos.recommender.artefacts import Trained, train_or_load
from trasos.recommender.columns import Columns
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.exploration import ExplorationParams
from trasos.recommender.fit import Recommender
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.pointer import succession
from trasos.recommender.gate.trial import Trial
from trasos.recommender.kept import carried_over, read_kept
from trasos.recommender.kept_evaluation import RECALL_FILE, evaluated
from trasos.recommender.params import RecommenderParams
from trasos.recommender.person_lists import Asked, PersonLists
from trasos.recommender.reporting.card import keep_card
from trasos.recommender.reporting.records import ROWS_FILE
from trasos.recommender.rules import Overrides, Rule, Tally, read_rules
from trasos.recommender.serve import popular, similar
from trasos.recommender.sessions.first_clicks import first_clicks
from trasos.recommender.sessions.kept import KeptSlot
from trasos.recommender.sessions.kept import train_or_load as train_slot
from trasos.recommender.threads import one_blas_thread

MODEL_VERSIONS = pa.schema(
    [
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("data_snapshot", pa.string(), nullable=False),
        pa.field("code_version", pa.string(), nullable=False),
        pa.field("parameters", pa.string(), nullable=False),
        pa.field("trained_through", pa.timestamp("us"), nullable=False),
        pa.field("n_persons", pa.int64(), nullable=False),
        pa.field("n_products", pa.int64(), nullable=False),
        pa.field("n_interactions", pa.int64(), nullable=False),
        pa.field("artefact_path", pa.string(), nullable=False),
        pa.field("artefact_checksum", pa.string(), nullable=False),
    ]
)

CHAMPION = pa.schema([pa.field("model_version", pa.string(), nullable=False)])


@dataclass(frozen=True)
class Snapshot:
    """One reading of the tables, from which every table of the recommender follows.

    Attributes:
        log: interactions.
        catalogue: products.
        params: tunables.
        artefacts: folder of all artefacts.
        rules: merchandisers' rules in force; no model is made of them.
    """

    log: InteractionLog
    catalogue: Catalogue
    params: RecommenderParams
    artefacts: Path
    rules: tuple[Rule, ...] = ()

    @classmethod
    def open(
        cls,
        interactions: Any,
        products: Any,
        params: Mapping[str, Any],
        artefacts: Path,
        rules: Any = None,
    ) -> Snapshot:
        """Check and encode the tables and parameters.

        Raises:
            ConfigurationError: a parameter does not fit.
            InputError: a table does not, no event is of a type that counts as relevant, or a rule
                cannot be followed.
        """
        parsed = RecommenderParams.from_mapping(params)
        catalogue = Catalogue.from_arrow(products)
        log = InteractionLog.from_arrow(interactions, catalogue)
        if not log.is_type(parsed.relevant_event_types).any():
            raise InputError(
                "interactions.event_type holds none of relevant_event_types "
                f"({', '.join(parsed.relevant_event_types)}), only {', '.join(log.event_types)}: "
                "name the shop's own types in that parameter."
            )
        followed = (
            () if rules is None else read_rules(rules, products, catalogue, parsed.list_length)
        )
        return cls(log, catalogue, parsed, Path(artefacts), followed)

    def trained(self) -> Trained:
        """The model of this data, trained where it is not there yet."""
        return train_or_load(self.log, self.catalogue, self.params, self.artefacts)

    def sessions(self) -> KeptSlot:
        """The slot for sessions of this data, trained where it is not there yet."""
        return train_slot(self.log, self.catalogue, self.params, self.artefacts)

    def model_version(self) -> Any:
        """One row of ``MODEL_VERSIONS``; the path is relative to the home of the artefacts."""
        trained = self.trained()
        version = trained.version
        row = {
            "model_version": version.model_version,
            "data_snapshot": version.data_snapshot,
            "code_version": version.code_version,
            "parameters": version.parameters,
            "trained_through": naive_utc(self.log.last_at),
            "n_persons": self.log.n_persons,
            "n_products": self.log.n_products,
            "n_interactions": self.log.n_events,
            "artefact_path": f"{self.artefacts.name}/{trained.folder.name}",
            "artefact_checksum": trained.checksum,
        }
        return pa.Table.from_pylist([row], schema=MODEL_VERSIONS)

    def evaluation(self) -> Any:
        """The rows of the evaluation with model_version, from disk where they are there."""
        return self._evaluated(ROWS_FILE)

    def candidate_recall(self) -> Any:
        """The rows of ``recall.ROWS`` with model_version, as ``evaluation``."""
        return self._evaluated(RECALL_FILE)

    def _evaluated(self, file: str) -> Any:
        return evaluated(self.log, self.catalogue, self.params, self.artefacts, file)

    def judgement(self, persons: Any, bounds: Mapping[str, Any]) -> Any:
        """Every decision of the gate on this version; the champion is moved where one says so.

        The card of the version is kept beside it.
        """
        limits = GateBounds.from_mapping(bounds)
        self.evaluation()
        codes = Asked.of(persons, self.log).known
        trial = Trial(self.log, self.catalogue, self.params, limits, self.artefacts, codes)
        version = self.trained().version.model_version
        decisions = trial.settle(version)
        keep_card(self.artefacts, version)
        return decisions

    def recommendations(
        self,
        persons: Any,
        champion: Any,
        exploring: ExplorationParams,
        standing: Any = None,
        max_age_days: int = 0,
    ) -> Any:
        """A list for each of some persons; who has no history gets what is popular."""
        asked = Asked.of(persons, self.log)
        return self._lists(champion).table(asked, exploring, standing, max_age_days)

    def similar_items(self, champion: Any) -> Any:
        """A list for every product."""
        version, recommender = self._serving(champion)
        with one_blas_thread():
            answers = similar(recommender, self.catalogue, self.params, Overrides(self.rules))
        ids = self.catalogue.product_ids
        return to_table(answers, ids, ids, SIMILAR_ITEMS, version)

    def popular_items(self, champion: Any) -> Any:
        """A list for every department, and one for everyone."""
        version, recommender = self._serving(champion)
        answers = popular(recommender, self.catalogue, self.params, Overrides(self.rules))
        segments = pa.concat_arrays([self.catalogue.departments, pa.nulls(1, pa.string())])
        return to_table(answers, segments, self.catalogue.product_ids, POPULAR_ITEMS, version)

    def rule_outcomes(self, persons: Any, champion: Any) -> Any:
        """What became of each rule in all these lists, which are made once more to count it."""
        tally = Tally()
        if not self.rules:
            return tally.to_table("")
        lists, counted = self._lists(champion), Overrides(self.rules, tally)
        version, recommender = lists.model_version, lists.recommender
        lists.answers(Asked.of(persons, self.log), counted)
        with one_blas_thread():
            similar(recommender, self.catalogue, self.params, counted)
        popular(recommender, self.catalogue, self.params, counted)
        first_clicks(self.sessions().slot, self.catalogue, self.params, counted)
        return tally.to_table(version)

    def _serving(self, champion: Any) -> tuple[str, Recommender]:
        """The champion's name, and its model over today's data."""
        (version,) = Columns(champion, "champion").texts("model_version").to_pylist()
        with one_blas_thread():
            kept = read_kept(self.artefacts / version)
            return version, carried_over(kept, self.log, self.catalogue)

    def _lists(self, champion: Any) -> PersonLists:
        served = self._serving(champion)
        return PersonLists(*served, self.log, self.catalogue, self.params, self.rules)


def champion(artefacts: Path) -> Any:
    """One row of ``CHAMPION``: who serves.

    Raises:
        NotReadyError: nobody does.
    """
    version = succession(Path(artefacts)).champion
    if version is None:
        raise NotReadyError(
            "No model serves: the gate refused the newest one, and there is no champion before it. "
            "rec_gate_decisions and `trasos model list` say what it breaks; `trasos model promote "
            "VERSION --force --because REASON` lets it serve nevertheless."
        )
    return pa.Table.from_pylist([{"model_version": version}], schema=CHAMPION)


def naive_utc(seconds: int) -> dt.datetime:
    """A moment as tables hold it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)
