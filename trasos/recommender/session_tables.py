"""The tables that dbt's Python models ask for about the slot for anonymous sessions."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from trasos.recommender.answers import SESSION_ITEMS, to_table
from trasos.recommender.facade import Snapshot, naive_utc
from trasos.recommender.kept_evaluation import stamped
from trasos.recommender.rules import Overrides
from trasos.recommender.sessions.first_clicks import first_clicks
from trasos.recommender.sessions.kept import SESSIONS

SESSION_MODELS = pa.schema(
    [
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("parameters", pa.string(), nullable=False),
        pa.field("trained_through", pa.timestamp("us"), nullable=False),
        pa.field("n_sessions", pa.int64(), nullable=False),
        pa.field("n_clicks", pa.int64(), nullable=False),
        pa.field("tuned_on_questions", pa.int64(), nullable=False),
        pa.field("artefact_path", pa.string(), nullable=False),
        pa.field("artefact_checksum", pa.string(), nullable=False),
    ]
)


def session_model(snapshot: Snapshot) -> Any:
    """One row of ``SESSION_MODELS``; the path is relative to the home of the artefacts."""
    kept = snapshot.sessions()
    about = kept.about
    row = {
        **{name: about[name] for name in ("model", "n_sessions", "n_clicks", "tuned_on_questions")},
        "model_version": kept.model_version,
        "parameters": json.dumps(about["parameters"], sort_keys=True),
        "trained_through": naive_utc(about["trained_through"]),
        "artefact_path": f"{snapshot.artefacts.name}/{SESSIONS}/{kept.model_version}",
        "artefact_checksum": about["checksum"],
    }
    return pa.Table.from_pylist([row], schema=SESSION_MODELS)


def session_evaluation(snapshot: Snapshot) -> Any:
    """How the slot did on later days, beside its baselines, with model_version."""
    kept = snapshot.sessions()
    return stamped(kept.rows, kept.model_version)


def session_items(snapshot: Snapshot) -> Any:
    """A list for every product that a visitor may have clicked first: ``answers.SESSION_ITEMS``."""
    kept = snapshot.sessions()
    overrides = Overrides(snapshot.rules)
    answers = first_clicks(kept.slot, snapshot.catalogue, snapshot.params, overrides)
    ids = snapshot.catalogue.product_ids
    return to_table(answers, ids, ids, SESSION_ITEMS, kept.model_version)
