"""What else holds a person: published versions, models, things made to be looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from trasos.erasure.warehouse import model_versions
from trasos.model_runs.records import RUNS
from trasos.publishing import drop_older, publish, published_answers, published_tables
from trasos.recommender.gate.decision import DECISIONS
from trasos.recommender.kept import EVALUATIONS
from trasos.recommender.reporting.card import CARDS
from trasos.recommender.sessions.kept import SESSIONS
from trasos.settings import Settings


def publish_anew(settings: Settings, manifest: Path, tell: Callable[[str], None]) -> list[str]:
    """Publish the fresh warehouse and drop every older version; nothing where none is published.

    A version that somebody took back by a rollback goes too, and the link goes to the new one.

    Returns:
        Names of the versions that went.
    """
    if not settings.published.is_symlink():
        return []
    tables = published_tables(manifest)
    report = publish(
        settings.warehouse,
        settings.published,
        tables,
        keep=1,
        progress=lambda table, done, total: tell(f"publishing {table}"),
        answers=published_answers(manifest),
    )
    dropped = drop_older(settings.published, report.version)
    return [path.name for path in (*report.removed, *dropped)]


def old_models(settings: Settings) -> list[Path]:
    """Folders of what was made before the fresh warehouse: models and what is said of them.

    A model holds no id, but it was trained on the person. What each person got in a run of an
    experiment goes too, the person's row among it; the run's own record names nobody and stays.
    """
    keep = model_versions(settings)
    folders = []
    shelves = (EVALUATIONS, DECISIONS, CARDS, SESSIONS)
    for root in (settings.artefacts, *(settings.artefacts / shelf for shelf in shelves)):
        if root.is_dir():
            folders += [
                path
                for path in sorted(root.iterdir())
                if path.is_dir() and path.name not in {*keep, *shelves, RUNS}
            ]
    return folders


def drop(folders: list[Path]) -> None:
    """Remove folders with all that is in them."""
    for folder in folders:
        shutil.rmtree(folder)


def to_look_at(settings: Settings) -> list[Path]:
    """Folders of what can be made again by one command: dashboards, checks of files."""
    build = settings.home / "build"
    return [folder for folder in (build / "check", build / "dashboard") if folder.is_dir()]
