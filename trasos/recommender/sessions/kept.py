"""The slot as it is kept: one immutable folder a version, with how it was judged beside it."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trasos.errors import InputError
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.folders import read_folder, write_folder
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sessions.clicks import Clicks
from trasos.recommender.sessions.evaluate import NextItemResult, clicks_of, next_item_report
from trasos.recommender.sessions.params import SessionParams
from trasos.recommender.sessions.slot import SessionSlot
from trasos.recommender.versions import version_of

SESSIONS = "sessions"
CLICKS_FILE, ROWS_FILE = "clicks.npz", "evaluation.parquet"

NEIGHBOURS, PAIRS, POPULAR = "session_knn", "covisitation", "popular"


@dataclass(frozen=True)
class KeptSlot:
    """A slot that serves.

    Attributes:
        slot: answers in codes of ``product_ids``.
        product_ids: strings, sorted.
        model_version: its name; the same data, code and parameters give the same.
        rows: how it was judged beside its baselines: ``evaluate.ROWS``, empty where the log is too
            short.
        about: its manifest.
    """

    slot: SessionSlot
    product_ids: Any
    model_version: str
    rows: Any
    about: dict[str, Any]


def train_or_load(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, root: Path
) -> KeptSlot:
    """Load this version's slot, tuning, judging and keeping it first where it is not there yet.

    Neighbours serve where the test days do not speak against them: where co-visitation finds the
    next product better, by an interval that excludes zero, co-visitation serves. A log without any
    session is answered with what is popular.

    Args:
        log: interactions up to now.
        catalogue: products.
        params: days, event types that count as clicks, co-visitation, intervals, seed.
        root: folder of all artefacts.

    Raises:
        InputError: the folder of this version is damaged.
    """
    name = version_of(log, catalogue, params).model_version
    folder = root / SESSIONS / name
    if not folder.exists():
        clicks = clicks_of(log.take(log.is_type(params.relevant_event_types)))
        report = next_item_report(log, params)
        tuned = report.tuning.params if report.tuning else SessionParams()
        about = {
            "model_version": name,
            "model": serving(report, clicks),
            "parameters": asdict(tuned),
            "recommender_parameters": asdict(params),
            "tuned_on_questions": report.tuning.n_questions if report.tuning else 0,
            "split_at": report.split_at,
            "trained_through": log.last_at,
            "n_sessions": clicks.n_sessions,
            "n_clicks": len(clicks.product),
        }
        rows = io.BytesIO()
        pq.write_table(report.rows, rows)
        files = {CLICKS_FILE: _pack(clicks, catalogue), ROWS_FILE: rows.getvalue()}
        write_folder(folder, files, about)
    return read_slot(folder)


def read_slot(folder: Path) -> KeptSlot:
    """Read a slot, holding its files to their checksums.

    Raises:
        NotReadyError: there is no such folder.
        InputError: it is damaged, or was written by a release that kept slots otherwise.
    """
    files, about = read_folder(folder)
    try:
        with np.load(io.BytesIO(files[CLICKS_FILE]), allow_pickle=False) as arrays:
            product_ids = pa.array(arrays["product_ids"].tolist(), pa.string())
            clicks = Clicks(arrays["starts"], arrays["product"], len(product_ids))
        return KeptSlot(
            slot=_slot(
                about["model"],
                clicks,
                SessionParams.from_mapping(about["parameters"]),
                RecommenderParams.from_mapping(about["recommender_parameters"]),
            ),
            product_ids=product_ids,
            model_version=about["model_version"],
            rows=pq.read_table(io.BytesIO(files[ROWS_FILE])),
            about=about,
        )
    except KeyError as error:
        raise InputError(
            f"Artefact {folder.name} holds no {error}: it was written by another release of "
            "Trasos. Remove its folder and build again."
        ) from error


def serving(report: NextItemResult, clicks: Clicks) -> str:
    """The name of the model that serves.

    Args:
        report: what the test days said.
        clicks: all sessions.
    """
    if not (clicks.product >= 0).any():
        return POPULAR
    for row in report.rows.to_pylist():
        if (row["model"], row["baseline"], row["metric"]) == (NEIGHBOURS, PAIRS, "mrr"):
            return PAIRS if row["diff_high"] < 0 else NEIGHBOURS
    return NEIGHBOURS


def _slot(
    model: str, clicks: Clicks, params: SessionParams, untuned: RecommenderParams
) -> SessionSlot:
    if model == NEIGHBOURS:
        return SessionSlot.fit(clicks, params)
    popular, pairs = SessionSlot.baselines(clicks, untuned, params.repeats)
    return {PAIRS: pairs, POPULAR: popular}[model]


def _pack(clicks: Clicks, catalogue: Catalogue) -> bytes:
    """Sessions without a name: whose they were is not kept."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        allow_pickle=False,
        starts=clicks.starts,
        product=clicks.product,
        product_ids=np.array(catalogue.product_ids.to_pylist(), np.str_),
    )
    return buffer.getvalue()
