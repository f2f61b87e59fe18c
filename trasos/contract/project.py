"""The dbt project as a judge: its own models are run in a process of its own, in a given home."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from trasos.errors import ConfigurationError

#: Names the folder of the dbt project where it is not above the current one.
VARIABLE = "TRASOS_PROJECT"
#: The table that holds each row with its verdict.
JUDGED = "int_events_judged"

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
        f"judges events. Call this within the repository, or set {VARIABLE} to its root."
    )


def build_verdicts(project: Path, home: Path, source: str) -> str | None:
    """Build the table of verdicts, and what it is made from, over what is landed in a home.

    Args:
        project: folder of the dbt project.
        home: stands for ``TRASOS_HOME``; dbt keeps its parse of the project in it, and the next
            call with the same home and source takes a third of the time.
        source: the one source to build.

    Returns:
        What dbt said where it failed, for example that the landed file lacks a column.

    Raises:
        ConfigurationError: dbt is not installed.
    """
    (home / "warehouse").mkdir(exist_ok=True)
    variables = json.dumps({"event_sources": [source], "table_sources": [source]})
    return run_dbt(
        project,
        [
            *("--quiet", "--no-write-json"),
            *("--log-path", str(home / "logs"), "--log-level-file", "none"),
            *("build", "--select", f"+{JUDGED}", "--resource-type", "model"),
            *("--resource-type", "seed", "--vars", variables),
            *("--target-path", str(home / "target" / source)),
        ],
        _environment(home),
    )


def run_dbt(project: Path, arguments: list[str], environment: dict[str, str]) -> str | None:
    """Run dbt on the project in a process of its own, on its target ``duckdb``.

    Args:
        project: folder of the dbt project.
        arguments: global flags, the command and its flags.
        environment: all of it.

    Returns:
        What dbt said where it failed.

    Raises:
        ConfigurationError: dbt is not installed.
    """
    # Beside the interpreter, so that an environment that is not activated does too.
    dbt = Path(sys.executable).parent / "dbt"
    if not dbt.is_file():
        raise ConfigurationError(f"dbt is not installed: {dbt} is missing. `make install` does it.")
    done = subprocess.run(
        [
            *(str(dbt), "--no-use-colors", *arguments, "--target", "duckdb"),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
        ],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    said = _CLOCK.sub("", done.stdout).strip() or done.stderr.strip()
    return said or f"nothing, exit code {done.returncode}"


def _is_project(folder: Path) -> bool:
    file = folder / _PROJECT_FILE
    return file.is_file() and _PROJECT_NAME.search(file.read_text(encoding="utf-8")) is not None


def _environment(home: Path) -> dict[str, str]:
    """Ours, without what would lead dbt to another project, warehouse or target."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DBT_", "TRASOS_"))
    }
    return {**inherited, "TRASOS_HOME": str(home), "DO_NOT_TRACK": "1"}
