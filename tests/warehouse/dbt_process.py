"""dbt in a process of its own that need not begin by loading dbt.

Importing it takes seconds. A server that has done so once is forked for each call; the call is
dbt's own command line and ends with its process, as one from a shell does.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Streams of a process, by their numbers.
STDOUT, STDERR = 1, 2

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.duckdb"])


def run_dbt(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], output: Path
) -> subprocess.CompletedProcess[str]:
    """Run dbt to its end, at most a quarter of an hour; both its streams go through a file."""
    process = _SERVER.Process(
        target=_become_dbt, args=(list(arguments), folder, dict(environment), output)
    )
    process.start()
    process.join(900)
    if process.exitcode is None:
        process.kill()
        raise subprocess.TimeoutExpired(list(arguments), 900)
    said = output.read_text(encoding="utf-8")
    return subprocess.CompletedProcess(list(arguments), process.exitcode, said, "")


def _become_dbt(
    arguments: list[str], folder: Path, environment: dict[str, str], output: Path
) -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import cli

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with output.open("wb") as file:
        for stream in (STDOUT, STDERR):
            os.dup2(file.fileno(), stream)
    try:
        cli(arguments)
    finally:
        # dbt-duckdb leaves it to the end of the interpreter, which a forked process does not reach.
        DuckDBConnectionManager.close_all_connections()
