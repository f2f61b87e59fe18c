"""An evaluation with all that tells of it, kept in a folder: asked again, it is read."""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from trasos.recommender.candidates import recall
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.evaluate import evaluate
from trasos.recommender.folders import read_folder, write_folder
from trasos.recommender.kept import EVALUATIONS, MODEL
from trasos.recommender.packing import pack
from trasos.recommender.params import RecommenderParams
from trasos.recommender.plots import recall_plot
from trasos.recommender.reporting.records import ROWS_FILE, VERDICT_FILE
from trasos.recommender.reporting.report import report_files
from trasos.recommender.threads import one_blas_thread
from trasos.recommender.verdict import verdict
from trasos.recommender.versions import data_snapshot, version_of

RECALL_FILE, RECALL_PLOT = "candidates.parquet", "candidates.png"


def evaluated(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, artefacts: Path, file: str
) -> Any:
    """A table of the evaluation of this data, made where it is not there yet.

    Args:
        log: interactions.
        catalogue: products.
        params: tunables.
        artefacts: folder of all artefacts.
        file: ``ROWS_FILE`` or ``RECALL_FILE``.

    Raises:
        InputError: the folder of this evaluation is damaged.
    """
    name = version_of(log, catalogue, params).model_version
    folder = artefacts / EVALUATIONS / name
    if not folder.exists():
        _evaluate_into(folder, name, log, catalogue, params)
    files, _ = read_folder(folder)
    return pq.read_table(io.BytesIO(files[file]))


def stamped(rows: Any, model_version: str) -> Any:
    """Rows with the version that they are about."""
    field = pa.field("model_version", pa.string(), nullable=False)
    return rows.append_column(field, pa.repeat(pa.scalar(model_version), rows.num_rows))


def _evaluate_into(
    folder: Path,
    model_version: str,
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
) -> None:
    result = evaluate(log, catalogue, params)
    found = recall.ROWS.empty_table()
    if result.recommender is not None and result.split is not None:
        with one_blas_thread():
            found = recall.candidate_recall(
                result.recommender, log, catalogue, params, result.split
            )
    files = {
        ROWS_FILE: _parquet(result.rows, model_version),
        RECALL_FILE: _parquet(found, model_version),
        VERDICT_FILE: (verdict(result.rows, params.min_persons) + "\n").encode(),
    }
    files |= report_files(model_version, result, log, params)
    if found.num_rows:
        files[RECALL_PLOT] = recall_plot(found)
    about: dict[str, Any] = {
        "model_version": model_version,
        "split_at": result.split_at,
        "tuning": asdict(result.tuning) if result.tuning else None,
        "n_unknown_products": log.n_unknown_products,
    }
    if result.recommender is not None and result.split is not None:
        # What was judged stays: the gate lets it meet later models on days that neither saw.
        learnt_from = result.split.train
        files[MODEL] = pack(result.recommender, catalogue)
        about["ranking"] = result.recommender.ranker.about()
        about["parameters"] = asdict(params)
        about["data_snapshot"] = data_snapshot(learnt_from, catalogue)
        about["trained_through"] = learnt_from.last_at
    write_folder(folder, files, about)


def _parquet(rows: Any, model_version: str) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(stamped(rows, model_version), buffer)
    return buffer.getvalue()
