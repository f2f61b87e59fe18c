"""The dashboards of the newest publication, each as a page and a picture, drawn by dbt-charts.

What is shown stands in ``dashboards/*.yml``; here is only how ``dct`` is called so that it
needs no PATH, no network and no cache, and leaves the published copy as it was.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trasos.errors import ConfigurationError, InputError, NotReadyError

#: Beside the boards, what dbt-charts wants to know of the project.
_PROJECT = "dbt_charts.yml"


@dataclass(frozen=True)
class Dashboard:
    """The files of a rendered dashboard.

    Attributes:
        html: one page that holds all it needs, fonts and figures included.
        png: the same as a picture, at twice the size on the screen.
    """

    html: Path
    png: Path


def render_dashboards(published: Path, boards: Path, folder: Path) -> tuple[Dashboard, ...]:
    """Render every dashboard over the newest publication.

    Args:
        published: the link to the published copy; it is opened for reading only.
        boards: folder of the dashboards, one a ``.yml``, and of ``dbt_charts.yml``.
        folder: where the files go; it is made where it is missing, and what it holds of earlier
            dashboards is replaced only when all files are ready.

    Returns:
        The files of each, by name.

    Raises:
        NotReadyError: nothing is published yet.
        ConfigurationError: ``boards`` holds no dashboard, or dbt-charts is not installed.
        InputError: dbt-charts refused, for example because a published column is not there.
    """
    if not published.exists():
        raise NotReadyError(
            f"Nothing is published at {published}. Run `make demo`, or `dbt build` and then "
            "`trasos publish`."
        )
    names = sorted(path.stem for path in boards.glob("*.yml") if path.name != _PROJECT)
    if not names:
        raise ConfigurationError(
            f"There is no dashboard in {boards.resolve()}: call this at the root of the repository."
        )
    # Beside the interpreter, so that an environment that is not activated does too.
    dct = Path(sys.executable).parent / "dct"
    if not dct.is_file():
        raise ConfigurationError(
            f"dbt-charts is not installed: {dct} is missing. `make install` brings it."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".") as scratch, ThreadPoolExecutor(2) as pool:
        project = Path(scratch) / "dashboards"
        shutil.copytree(boards, project)
        # The file behind the link: a publication in the meantime must not divide page and picture.
        place = Path(scratch) / "published" / "trasos.duckdb"
        place.parent.mkdir()
        place.symlink_to(published.resolve())
        drawn = [project / f"{name}.yml" for name in names]
        # Two processes at once: each is mostly start-up, and dct writes one form a call.
        renders = [pool.submit(_render, dct, drawn, form) for form in ("html", "png")]
        for problem in filter(None, [render.result() for render in renders]):
            raise InputError(
                f"{boards} could not be drawn from {published}. dbt-charts says:\n{problem}\n"
                "Publish the tables that the dashboards read, or change the dashboards."
            )
        return tuple(
            Dashboard(*(_kept(project / f"{name}.{form}", folder) for form in ("html", "png")))
            for name in names
        )


def _kept(draft: Path, folder: Path) -> Path:
    return draft.replace(folder / draft.name)


def _render(dct: Path, boards: list[Path], form: str) -> str | None:
    """Write one form of all boards beside them; say what hindered it."""
    project = boards[0].parent
    done = subprocess.run(
        [
            *(str(dct), "render", *map(str, boards), "--project-dir", str(project)),
            *("--format", form, "--output", f"{project}/{{stem}}.{form}"),
            *("--no-cache", "--no-warnings"),
        ],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and all(board.with_suffix(f".{form}").is_file() for board in boards):
        return None
    return (done.stderr or done.stdout).strip() or f"nothing, exit code {done.returncode}"


def _environment() -> dict[str, str]:
    """Ours, without what would move dct's project or cache, and without its telemetry."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DCT_") and name != "DBT_PROJECT_DIR"
    }
    return {**inherited, "DO_NOT_TRACK": "1"}
