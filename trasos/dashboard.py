"""The dashboard of the newest publication as one page and one picture, drawn by dbt-charts.

What is shown stands in ``dashboards/trasos.yml``; here is only how ``dct`` is called so that it
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

NAME = "trasos"


@dataclass(frozen=True)
class Dashboard:
    """The files of a rendered dashboard.

    Attributes:
        html: one page that holds all it needs, fonts and figures included.
        png: the same as a picture, at twice the size on the screen.
    """

    html: Path
    png: Path


def render_dashboard(published: Path, boards: Path, folder: Path) -> Dashboard:
    """Render the dashboard over the newest publication.

    Args:
        published: the link to the published copy; it is opened for reading only.
        boards: folder of ``trasos.yml`` and ``dbt_charts.yml``.
        folder: where the files go; it is made where it is missing, and what it holds of an earlier
            dashboard is replaced only when both files are ready.

    Returns:
        The two files.

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
    board = boards.resolve() / f"{NAME}.yml"
    if not board.is_file():
        raise ConfigurationError(
            f"There is no dashboard at {board}: call this at the root of the repository."
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
        drafts = [Path(scratch) / f"{NAME}.{form}" for form in ("html", "png")]
        # Two processes at once: each is mostly start-up, and dct writes one form a call.
        renders = [pool.submit(_render, dct, project / board.name, draft) for draft in drafts]
        for problem in filter(None, [render.result() for render in renders]):
            raise InputError(
                f"{board} could not be drawn from {published}. dbt-charts says:\n{problem}\n"
                "Publish the tables that the dashboard reads, or change the dashboard."
            )
        html, png = (draft.replace(folder / draft.name) for draft in drafts)
    return Dashboard(html, png)


def _render(dct: Path, board: Path, draft: Path) -> str | None:
    """Write one form of the board, named by the ending of ``draft``; say what hindered it."""
    done = subprocess.run(
        [
            *(str(dct), "render", str(board), "--project-dir", str(board.parent)),
            *("--format", draft.suffix[1:], "--output", str(draft)),
            *("--no-cache", "--no-warnings"),
        ],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and draft.is_file():
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
