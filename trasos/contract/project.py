"""The dbt project as a judge: its own models are run in a given home."""

from __future__ import annotations

import json
from pathlib import Path

from trasos.project import clean_environment, run_dbt

#: The table that holds each row with its verdict.
JUDGED = "int_events_judged"


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
            *("--no-write-json", "--log-path", str(home / "logs"), "--log-level-file", "none"),
            *("build", "--select", f"+{JUDGED}", "--resource-type", "model"),
            *("--resource-type", "seed", "--vars", variables),
            *("--target-path", str(home / "target" / source)),
        ],
        clean_environment(home),
    )
