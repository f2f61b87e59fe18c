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

from trasos.errors import InputError
from trasos.recommender.answers import POPULAR_ITEMS, RECOMMENDATIONS, SIMILAR_ITEMS, to_table
from trasos.recommender.artefacts import Trained, read_folder, train_or_load, write_folder
from trasos.recommender.columns import Columns
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.evaluate import evaluate
from trasos.recommender.params import RecommenderParams
from trasos.recommender.plots import metrics_plot
from trasos.recommender.serve import popular, recommend, similar
from trasos.recommender.threads import one_blas_thread
from trasos.recommender.verdict import verdict
from trasos.recommender.versions import version_of

EVALUATIONS = "evaluations"
ROWS_FILE, VERDICT_FILE, PLOT_FILE = "evaluation.parquet", "verdict.txt", "metrics.png"

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


@dataclass(frozen=True)
class Snapshot:
    """One reading of the tables, from which every table of the recommender follows.

    Attributes:
        log: interactions.
        catalogue: products.
        params: tunables.
        artefacts: folder of all artefacts.
    """

    log: InteractionLog
    catalogue: Catalogue
    params: RecommenderParams
    artefacts: Path

    @classmethod
    def open(
        cls, interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path
    ) -> Snapshot:
        """Check and encode the tables and parameters.

        Raises:
            ConfigurationError: a parameter does not fit.
            InputError: a table does not, or no event is of a type that counts as relevant.
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
        return cls(log, catalogue, parsed, Path(artefacts))

    def trained(self) -> Trained:
        """The model of this data, trained where it is not there yet."""
        return train_or_load(self.log, self.catalogue, self.params, self.artefacts)

    def model_version(self) -> Any:
        """One row of ``MODEL_VERSIONS``; the path is relative to the home of the artefacts."""
        trained = self.trained()
        version = trained.version
        row = {
            "model_version": version.model_version,
            "data_snapshot": version.data_snapshot,
            "code_version": version.code_version,
            "parameters": version.parameters,
            "trained_through": _naive_utc(self.log.last_at),
            "n_persons": self.log.n_persons,
            "n_products": self.log.n_products,
            "n_interactions": self.log.n_events,
            "artefact_path": f"{self.artefacts.name}/{trained.folder.name}",
            "artefact_checksum": trained.checksum,
        }
        return pa.Table.from_pylist([row], schema=MODEL_VERSIONS)

    def evaluation(self) -> Any:
        """The rows of the evaluation with model_version, from disk where they are there."""
        name = version_of(self.log, self.catalogue, self.params).model_version
        folder = self.artefacts / EVALUATIONS / name
        if not folder.exists():
            self._evaluate_into(folder, name)
        files, _ = read_folder(folder)
        return pq.read_table(io.BytesIO(files[ROWS_FILE]))

    def recommendations(self, persons: Any) -> Any:
        """A list for each of some persons; who has no history gets what is popular."""
        trained = self.trained()
        asked = pc.unique(Columns(persons, "persons").texts("person_id"))
        known = pc.index_in(asked, value_set=self.log.person_ids)
        codes = np.sort(known.drop_null().to_numpy()).astype(np.int32)
        strangers = asked.filter(known.is_null())
        with one_blas_thread():
            answers = recommend(trained.recommender, self.log, self.catalogue, self.params, codes)
        fallback = popular(trained.recommender, self.catalogue, self.params).for_everyone(
            len(strangers)
        )
        product_ids, version = self.catalogue.product_ids, trained.version.model_version
        return pa.concat_tables(
            to_table(part, ids, product_ids, RECOMMENDATIONS, version)
            for part, ids in ((answers, self.log.person_ids), (fallback, strangers))
        )

    def similar_items(self) -> Any:
        """A list for every product."""
        trained = self.trained()
        with one_blas_thread():
            answers = similar(trained.recommender, self.catalogue, self.params)
        ids = self.catalogue.product_ids
        return to_table(answers, ids, ids, SIMILAR_ITEMS, trained.version.model_version)

    def popular_items(self) -> Any:
        """A list for every department, and one for everyone."""
        trained = self.trained()
        answers = popular(trained.recommender, self.catalogue, self.params)
        segments = pa.concat_arrays([self.catalogue.departments, pa.nulls(1, pa.string())])
        return to_table(
            answers,
            segments,
            self.catalogue.product_ids,
            POPULAR_ITEMS,
            trained.version.model_version,
        )

    def _evaluate_into(self, folder: Path, model_version: str) -> None:
        result = evaluate(self.log, self.catalogue, self.params)
        rows = result.rows.append_column(
            pa.field("model_version", pa.string(), nullable=False),
            pa.repeat(pa.scalar(model_version), result.rows.num_rows),
        )
        buffer = io.BytesIO()
        pq.write_table(rows, buffer)
        files = {
            ROWS_FILE: buffer.getvalue(),
            VERDICT_FILE: (verdict(result.rows, self.params.min_persons) + "\n").encode(),
        }
        if rows.num_rows:
            files[PLOT_FILE] = metrics_plot(result.rows)
        about = {
            "model_version": model_version,
            "split_at": result.split_at,
            "tuning": asdict(result.tuning) if result.tuning else None,
            "n_unknown_products": self.log.n_unknown_products,
        }
        write_folder(folder, files, about)


def _naive_utc(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)
