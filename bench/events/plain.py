"""Statements in one plain DuckDB process: ``python -m bench.events.plain JOB.json``.

The job is an object with ``database`` (a file, or ``:memory:``), ``config`` (of DuckDB),
``before`` (statements that are not measured one by one) and ``statements`` (lists of connection,
name and SQL). What each statement cost is printed as one JSON object: name to CPU seconds.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import defaultdict
from pathlib import Path

import duckdb


def cpu_seconds() -> float:
    """Processor time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(job: Path) -> None:
    """Run the statements of a job file."""
    asked = json.loads(job.read_text())
    spent: dict[str, float] = defaultdict(float)
    with duckdb.connect(asked["database"], config=asked["config"]) as connection:
        cursors = {}
        for statement in asked["before"]:
            connection.execute(statement)
        for name, label, statement in asked["statements"]:
            if name not in cursors:
                cursors[name] = connection.cursor()
                cursors[name].execute("set TimeZone = 'UTC'")
            began = cpu_seconds()
            cursors[name].execute(statement)
            spent[label] += cpu_seconds() - began
    json.dump({name: round(seconds, 3) for name, seconds in spent.items()}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
