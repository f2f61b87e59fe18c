"""Experiments on models: configurations tried on held-out days, each kept as a run.

A configuration is a ``RecommenderParams``. All configurations of an experiment are judged on the
same validation days, which end where the test begins; the test is looked at once, with the best.
Runs are files below ``artefacts/runs/``, of which dbt makes ``rec_model_runs``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trasos.model_runs.records import to_table

__all__ = ["table"]


def table(artefacts: Path) -> Any:
    """Every run that is kept, with its metrics.

    Args:
        artefacts: folder of all artefacts.

    Returns:
        ``pyarrow.Table`` with schema ``records.TABLE``.

    Raises:
        InputError: a run on disk is damaged.
    """
    return to_table(Path(artefacts))
