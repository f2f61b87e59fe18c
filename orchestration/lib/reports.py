"""The report of an evaluation, as metadata of the asset that made it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from trasos.recommender.kept import EVALUATIONS
from trasos.recommender.reporting.card import CARD_PAGE, CARDS
from trasos.recommender.reporting.records import VERDICT_FILE
from trasos.recommender.reporting.report import PAGE, PICTURES

EVALUATION = "rec_evaluation"


def with_report(
    events: Iterator[Any], artefacts: Path, version: Callable[[], str | None]
) -> Iterator[Any]:
    """Pass events of dbt on, and add the report to that of the evaluation.

    Args:
        events: as dagster-dbt yields them, after dbt has ended.
        artefacts: folder of all artefacts.
        version: asks the warehouse for the version that was evaluated.
    """
    for event in events:
        if is_of(event, EVALUATION) and (name := version()) is not None:
            event = event.with_metadata({**event.metadata, **report_metadata(artefacts, name)})
        yield event


def is_of(event: Any, model: str) -> bool:
    """Whether an event says that a model of dbt was built."""
    if not isinstance(event, dg.Output | dg.AssetMaterialization):
        return False
    unique_id = (event.metadata or {}).get("unique_id")
    return getattr(unique_id, "text", None) == f"model.trasos.{model}"


def report_metadata(artefacts: Path, model_version: str) -> dict[str, Any]:
    """The verdict, the pictures and where the page and the card lie; what is not there is left out.

    Args:
        artefacts: folder of all artefacts.
        model_version: whose evaluation it is.
    """
    folder = artefacts / EVALUATIONS / model_version
    said = folder / VERDICT_FILE
    found: dict[str, Any] = {"model_version": model_version}
    if said.exists():
        text = said.read_text(encoding="utf-8").strip().replace("\n", "\n\n")
        found["verdict"] = dg.MetadataValue.md(text)
    pages = {"report": folder / PAGE, "model_card": artefacts / CARDS / model_version / CARD_PAGE}
    for name, path in pages.items():
        if path.exists():
            found[name] = dg.MetadataValue.path(str(path))
    for name in PICTURES:
        if (folder / name).exists():
            picture = base64.b64encode((folder / name).read_bytes()).decode()
            label = Path(name).stem
            found[label] = dg.MetadataValue.md(f"![{label}](data:image/png;base64,{picture})")
    return found
