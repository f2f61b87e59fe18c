"""The dbt project, found and run in a process of its own: the library knows no dbt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from trasos.errors import ConfigurationError

#: Names the folder of the dbt project where it is not above the current one.
VARIABLE = "TRASOS_PROJECT"

_PROJECT_FILE = "dbt_project.yml"
_PROJECT_NAME = re.compile(r"^name:\s*[\"']?trasos[\"']?\s*$", re.MULTILINE)
#: The clock that dbt puts before each line.
_CLOCK = re.compile(r"^\d\d:\d\d:\d\d\s*", re.MULTILINE)


def find_project() -> Path:
    """Find the folder of Trasos' dbt project.

    Returns:
        ``TRASOS_PROJECT`` where it is set, else the nearest folder from the current one upwards
        that holds the project.

    Raises:
        ConfigurationError: there is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if _is_project(Path(named)):
            return Path(named).resolve()
        raise ConfigurationError(
            f"{VARIABLE} names {named}, which holds no {_PROJECT_FILE} of Trasos. Set it to the "
            "root of the repository."
        )
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _is_project(folder):
            return folder
    raise ConfigurationError(
        f"There is no {_PROJECT_FILE} of Trasos in {here} or above it, and its models are what "
        f"does this. Call this within the repository, or set {VARIABLE} to its root."
    )


def run_dbt(
    project: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
    target: str = "duckdb",
) -> str | None:
    """Run dbt on the project, quietly.

    Args:
        project: folder of the dbt project.
        arguments: dbt's own, after its name and those for the project's folder.
        environment: of the process; ours if not given.
        target: one of ``profiles.yml``.

    Returns:
        What dbt said where it failed, None where all went well.

    Raises:
        ConfigurationError: dbt is not installed.
    """
    # Beside the interpreter, so that an environment that is not activated does too.
    dbt = Path(sys.executable).parent / "dbt"
    if not dbt.is_file():
        raise ConfigurationError(f"dbt is not installed: {dbt} is missing. `make install` does it.")
    done = subprocess.run(
        [
            *(str(dbt), "--quiet", "--no-use-colors", *arguments),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target", target),
        ],
        cwd=project,
        env={**(os.environ if environment is None else environment), "DO_NOT_TRACK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    said = _CLOCK.sub("", done.stdout).strip() or done.stderr.strip()
    return said or f"nothing, exit code {done.returncode}"


def clean_environment(home: Path) -> dict[str, str]:
    """Ours, for another home, without what would lead dbt to another warehouse or target."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DBT_", "TRASOS_"))
    }
    return {**inherited, "TRASOS_HOME": str(home)}


def _is_project(folder: Path) -> bool:
    file = folder / _PROJECT_FILE
    return file.is_file() and _PROJECT_NAME.search(file.read_text(encoding="utf-8")) is not None
