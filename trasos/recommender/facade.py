"""The tables that dbt's Python models ask for, over one reading of the data."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trasos.errors import InputError, NotReadyError
from trasos.recommender.answers import (
    POPULAR_ITEMS,
    RECOMMENDATIONS,
    SIMILAR_ITEMS,
    to_table,
)
from trasos.recommender.arrays import Codes
from trasos.recommender.artefacts import Trained, train_or_load
from trasos.recommender.candidates import recall
from trasos.recommender.columns import Columns
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.evaluate import evaluate
from trasos.recommender.exploration import Exploration, ExplorationParams
from trasos.recommender.fit import Recommender
from trasos.recommender.folders import read_folder, write_folder
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.pointer import succession
from trasos.recommender.gate.trial import Trial
from trasos.recommender.kept import EVALUATIONS, MODEL, carried_over, read_kept
from trasos.recommender.matrix import seen_products
from trasos.recommender.packing import pack
from trasos.recommender.params import RecommenderParams
from trasos.recommender.plots import recall_plot
from trasos.recommender.reporting.card import keep_card
from trasos.recommender.reporting.records import ROWS_FILE, VERDICT_FILE
from trasos.recommender.reporting.report import report_files
from trasos.recommender.rules import Overrides, Rule, Scope, Tally, read_rules
from trasos.recommender.rules.rule import FOR_YOU
from trasos.recommender.serve import (
    Answers,
    for_strangers,
    popular,
    recommend,
    similar,
)
from trasos.recommender.sessions.first_clicks import first_clicks
from trasos.recommender.sessions.kept import KeptSlot
from trasos.recommender.sessions.kept import train_or_load as train_slot
from trasos.recommender.threads import one_blas_thread
from trasos.recommender.verdict import verdict
from trasos.recommender.versions import data_snapshot, version_of

RECALL_FILE, RECALL_PLOT = "candidates.parquet", "candidates.png"

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
        name = version_of(self.log, self.catalogue, self.params).model_version
        folder = self.artefacts / EVALUATIONS / name
        if not folder.exists():
            self._evaluate_into(folder, name)
        files, _ = read_folder(folder)
        return pq.read_table(io.BytesIO(files[file]))

    def judgement(self, persons: Any, bounds: Mapping[str, Any]) -> Any:
        """Every decision of the gate on this version; the champion is moved where one says so.

        The card of the version is kept beside it.
        """
        limits = GateBounds.from_mapping(bounds)
        self.evaluation()
        codes, _ = self._known(persons)
        trial = Trial(self.log, self.catalogue, self.params, limits, self.artefacts, codes)
        version = self.trained().version.model_version
        decisions = trial.settle(version)
        keep_card(self.artefacts, version)
        return decisions

    def recommendations(self, persons: Any, champion: Any, exploring: ExplorationParams) -> Any:
        """A list for each of some persons; who has no history gets what is popular."""
        version, recommender = self._serving(champion)
        product_ids = self.catalogue.product_ids
        lists = self._for_you(recommender, persons, Overrides(self.rules))
        return pa.concat_tables(
            to_table(part, ids, product_ids, RECOMMENDATIONS, version)
            for part, ids in self._explored(recommender, lists, exploring)
        )

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
        version, recommender = self._serving(champion)
        counted = Overrides(self.rules, tally)
        self._for_you(recommender, persons, counted)
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

    def _known(self, persons: Any) -> tuple[Codes, Any]:
        """Codes of the persons with history, rising, and the ids of those without."""
        asked = pc.unique(Columns(persons, "persons").texts("person_id"))
        codes = pc.index_in(asked, value_set=self.log.person_ids)
        known = np.sort(codes.drop_null().to_numpy()).astype(np.int32)
        return known, asked.filter(codes.is_null())

    def _for_you(
        self, recommender: Recommender, persons: Any, overrides: Overrides
    ) -> list[tuple[Answers, Any]]:
        """Lists with the ids that they are for: of persons with history, and of strangers."""
        codes, strangers = self._known(persons)
        given = self.catalogue, self.params
        with one_blas_thread():
            answers = recommend(recommender, self.log, *given, codes, overrides)
        fallback = for_strangers(recommender, *given, len(strangers), overrides)
        return [(answers, self.log.person_ids), (fallback, strangers)]

    def _explored(
        self,
        recommender: Recommender,
        lists: list[tuple[Answers, Any]],
        exploring: ExplorationParams,
    ) -> list[tuple[Answers, Any]]:
        """The lists of persons with history and of strangers, new products drawn into them."""
        if exploring.share == 0:
            return lists
        plan = Exploration.plan(self.log, self.catalogue, exploring)
        (known, person_ids), (fallback, strangers) = lists
        # The last row is of persons without history: they met nothing, and live nowhere.
        last = self.log.n_persons
        found = []
        for answers, ids, rows in (
            (known, person_ids.take(pa.array(known.subjects)), known.subjects),
            (fallback, strangers, np.full(len(strangers), last, np.int32)),
        ):
            home = recommender.in_department.main_department[rows]
            found.append(
                plan.apply(
                    answers,
                    ids.to_pylist(),
                    seen_products(self.log)[rows],
                    home,
                    self.rules,
                    Scope(FOR_YOU, home),
                )
            )
        return [(found[0], person_ids), (found[1], strangers)]

    def _evaluate_into(self, folder: Path, model_version: str) -> None:
        result = evaluate(self.log, self.catalogue, self.params)
        found = recall.ROWS.empty_table()
        if result.recommender is not None and result.split is not None:
            given = self.log, self.catalogue, self.params, result.split
            with one_blas_thread():
                found = recall.candidate_recall(result.recommender, *given)
        files = {
            ROWS_FILE: _parquet(result.rows, model_version),
            RECALL_FILE: _parquet(found, model_version),
            VERDICT_FILE: (verdict(result.rows, self.params.min_persons) + "\n").encode(),
        }
        files |= report_files(model_version, result, self.log, self.params)
        if found.num_rows:
            files[RECALL_PLOT] = recall_plot(found)
        about: dict[str, Any] = {
            "model_version": model_version,
            "split_at": result.split_at,
            "tuning": asdict(result.tuning) if result.tuning else None,
            "n_unknown_products": self.log.n_unknown_products,
        }
        if result.recommender is not None and result.split is not None:
            # What was judged stays: the gate lets it meet later models on days that neither saw.
            learnt_from = result.split.train
            files[MODEL] = pack(result.recommender, self.catalogue)
            about["ranking"] = result.recommender.ranker.about()
            about["parameters"] = asdict(self.params)
            about["data_snapshot"] = data_snapshot(learnt_from, self.catalogue)
            about["trained_through"] = learnt_from.last_at
        write_folder(folder, files, about)


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


def stamped(rows: Any, model_version: str) -> Any:
    """Rows with the version that they are about."""
    field = pa.field("model_version", pa.string(), nullable=False)
    return rows.append_column(field, pa.repeat(pa.scalar(model_version), rows.num_rows))


def _parquet(rows: Any, model_version: str) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(stamped(rows, model_version), buffer)
    return buffer.getvalue()


def naive_utc(seconds: int) -> dt.datetime:
    """A moment as tables hold it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)
