"""The decision: what it is, why, and how it is kept."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from trasos.recommender.folders import read_folder, write_folder
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.criterion import INVARIANT, Criterion

FIRST, PROMOTED, KEPT, REFUSED = "first", "promoted", "kept", "refused"
DECISIONS, ROWS_FILE = "decisions", "decision.parquet"
NOBODY = "first"
"""Stands in paths for the champion where there was none."""

ROWS = pa.schema(
    [
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("champion_version", pa.string()),
        pa.field("decision", pa.string(), nullable=False),
        pa.field("decision_reason", pa.string(), nullable=False),
        pa.field("data_through", pa.timestamp("us"), nullable=False),
        pa.field("criterion", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("ci_low", pa.float64()),
        pa.field("ci_high", pa.float64()),
        pa.field("bound", pa.string(), nullable=False),
        pa.field("is_passed", pa.bool_(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)
"""One row a criterion; champion_version is null where there was no champion."""


@dataclass(frozen=True)
class Decision:
    """What became of a challenger.

    Attributes:
        model_version: the challenger.
        champion_version: whom it met; None where there was nobody.
        outcome: ``FIRST``, ``PROMOTED``, ``KEPT`` (the champion is) or ``REFUSED``.
        reason: in words.
        data_through: seconds, the newest interaction when it was judged.
        criteria: what was judged, in order.
    """

    model_version: str
    champion_version: str | None
    outcome: str
    reason: str
    data_through: int
    criteria: tuple[Criterion, ...]

    @property
    def moves(self) -> bool:
        """Whether the challenger is to serve."""
        return self.outcome in (FIRST, PROMOTED)

    def table(self, bounds: GateBounds) -> Any:
        """The decision as a ``pyarrow.Table`` with schema ``ROWS``."""
        moment = dt.datetime.fromtimestamp(self.data_through, dt.UTC).replace(tzinfo=None)
        rows = [
            {
                "model_version": self.model_version,
                "champion_version": self.champion_version,
                "decision": self.outcome,
                "decision_reason": self.reason,
                "data_through": moment,
                "criterion": criterion.rule.name,
                "kind": criterion.rule.kind,
                "value": criterion.value,
                "ci_low": criterion.low,
                "ci_high": criterion.high,
                "bound": criterion.rule.bound(bounds),
                "is_passed": criterion.is_passed,
                "reason": criterion.reason,
            }
            for criterion in self.criteria
        ]
        return pa.Table.from_pylist(rows, schema=ROWS)


def decide(
    model_version: str,
    champion_version: str | None,
    criteria: Sequence[Criterion],
    data_through: int,
) -> Decision:
    """Draw the conclusion: invariants first, then the comparison.

    Args:
        model_version: the challenger.
        champion_version: whom it met; None where there was nobody.
        criteria: all that was judged.
        data_through: seconds, the newest interaction.
    """
    failed = [criterion for criterion in criteria if not criterion.is_passed]
    why = " ".join(f"{criterion.rule.name}: {criterion.reason}" for criterion in failed)
    if any(criterion.rule.kind == INVARIANT for criterion in failed):
        outcome, reason = REFUSED, f"It breaks what no model may break. {why}"
    elif champion_version is None:
        outcome, reason = FIRST, "There was no champion that knows this catalogue."
    elif failed:
        outcome, reason = KEPT, f"The champion {champion_version} serves on. {why}"
    else:
        outcome, reason = PROMOTED, f"It keeps every bound against {champion_version}."
    return Decision(model_version, champion_version, outcome, reason, data_through, tuple(criteria))


def keep(artefacts: Path, decision: Decision, bounds: GateBounds) -> None:
    """Write a decision for good; one that is there already stays."""
    buffer = io.BytesIO()
    pq.write_table(decision.table(bounds), buffer)
    about = {
        "model_version": decision.model_version,
        "champion_version": decision.champion_version,
        "decision": decision.outcome,
        "reason": decision.reason,
    }
    folder = artefacts / DECISIONS / decision.model_version / (decision.champion_version or NOBODY)
    write_folder(folder, {ROWS_FILE: buffer.getvalue()}, about)


@dataclass(frozen=True)
class Record:
    """A decision as it was kept.

    Attributes:
        champion_version: whom the challenger met; None where there was nobody.
        outcome: see ``Decision``.
        reason: in words.
        rows: table with schema ``ROWS``.
    """

    champion_version: str | None
    outcome: str
    reason: str
    rows: Any

    @property
    def moves(self) -> bool:
        """Whether the challenger is to serve."""
        return self.outcome in (FIRST, PROMOTED)


def decisions_on(artefacts: Path, model_version: str) -> list[Record]:
    """Every decision that was made on a version, by the name of the champion that it met.

    Raises:
        InputError: one of them is damaged.
    """
    root = artefacts / DECISIONS / model_version
    records = []
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        if folder.name.startswith("."):
            continue  # what a killed run left behind
        files, manifest = read_folder(folder)
        rows = pq.read_table(io.BytesIO(files[ROWS_FILE]))
        records.append(
            Record(manifest["champion_version"], manifest["decision"], manifest["reason"], rows)
        )
    return records
