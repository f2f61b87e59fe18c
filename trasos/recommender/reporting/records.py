"""What is on record of a version: its artefact, its evaluation, the gate's decisions."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from trasos.errors import NotReadyError
from trasos.recommender.folders import MANIFEST, read_folder
from trasos.recommender.gate.decision import Record, decisions_on
from trasos.recommender.gate.pointer import Move, succession
from trasos.recommender.kept import EVALUATIONS

ROWS_FILE, VERDICT_FILE = "evaluation.parquet", "verdict.txt"


@dataclass(frozen=True)
class Records:
    """All of it, as it was written.

    Attributes:
        model_version: its name.
        manifest: of the artefact.
        evaluation: manifest of the evaluation; None where it was not evaluated.
        rows: ``pyarrow.Table`` of the evaluation, with schema ``evaluate.ROWS``; None likewise.
        verdict: the evaluation in words; empty likewise.
        decisions: of the gate, none where it has not judged.
        moves: of the champion's pointer to this version or away from it.
    """

    model_version: str
    manifest: dict[str, Any]
    evaluation: dict[str, Any] | None
    rows: Any | None
    verdict: str
    decisions: tuple[Record, ...]
    moves: tuple[Move, ...]


def records_of(artefacts: Path, model_version: str) -> Records:
    """Read what is kept of a version, each file held to its checksum.

    Raises:
        NotReadyError: no such model is kept.
        InputError: something of it is damaged.
    """
    if not (artefacts / model_version / MANIFEST).is_file():
        raise NotReadyError(
            f"There is no model {model_version} in {artefacts}; `trasos model list` shows all."
        )
    _, manifest = read_folder(artefacts / model_version)
    folder = artefacts / EVALUATIONS / model_version
    evaluation, rows, said = None, None, ""
    if folder.exists():
        files, evaluation = read_folder(folder)
        rows = pq.read_table(io.BytesIO(files[ROWS_FILE]))
        said = files[VERDICT_FILE].decode()
    decisions = tuple(decisions_on(artefacts, model_version))
    moves = tuple(
        entry
        for entry in succession(artefacts).history
        if model_version in (entry.champion, entry.before)
    )
    return Records(model_version, manifest, evaluation, rows, said, decisions, moves)
