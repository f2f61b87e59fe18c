"""``python -m bench.events``: measure, and write the results down."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.events import experiments, project
from bench.events.homes import ROOT, Home, fresh, pool
from bench.events.pictures import draw
from bench.events.project import LAYERS
from bench.events.report import PAGE, RESULTS, key_of, read_results, rendered

DAYS = 60
#: Days beyond the history of 60, for increments of up to eight days at once.
MORE_DAYS = 8
#: A day on top of the largest size tells what an increment costs where dbt's own start is small.
LAST_SIZE, LAST_DAYS = "100m", 1
EVENTS = {"1m": 1_000_000, "10m": 10_000_000, "100m": 100_000_000}
PARTS = ("full", "rivals", "increments", "nothing")


def write_down(record: experiments.Record) -> None:
    """Add a record to the results; it takes the place of an older one of the same thing."""
    kept = [old for old in read_results() if key_of(old) != key_of(record)]
    lines = [json.dumps(each, sort_keys=True) for each in (*kept, record)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(sorted(lines)) + "\n")
    print(json.dumps(record, indent=1), flush=True)


def by_size(work: Path, size: str, parts: list[str], limit: str) -> Iterator[experiments.Record]:
    """Full build at one size; rivals and impressions, or at the largest size one more day."""
    last = size == LAST_SIZE
    days = DAYS + (LAST_DAYS if last else MORE_DAYS)
    source = pool(work / f"pool_{size}", EVENTS[size] * days // DAYS, days)
    home = fresh(work / f"home_{size}", source, source.days()[:DAYS])
    built = experiments.full_build(home, limit)
    yield built
    if last:
        yield experiments.increments(home, source, built["dbt"], [LAST_DAYS], limit, repeats=1)
    else:
        if "rivals" in parts:
            yield experiments.rivals(home, limit)
        yield experiments.impressions(home, limit)
    if "nothing" in parts and size == "1m":
        yield experiments.nothing_new(work / "empty", home, LAYERS, limit)
    shutil.rmtree(home.path)


def by_history(
    work: Path, size: str, histories: list[int], limit: str
) -> Iterator[experiments.Record]:
    """Days on top of histories of several lengths, out of one pool."""
    longest = max(histories)
    days = longest + MORE_DAYS
    source = pool(work / f"pool_{size}_{longest}", EVENTS[size] * days // DAYS, days)
    for history in histories:
        batches = [1, 2, 4, 8] if history == DAYS else [1]
        home = fresh(work / f"home_{size}_{history}", source, source.days()[:history])
        project.prepare(home, limit)
        full = experiments.told(project.build(home, memory_limit=limit))
        yield experiments.increments(home, source, full, batches, limit)
        shutil.rmtree(home.path)


def whole_project(work: Path, limit: str) -> experiments.Record:
    """Nothing new for the whole project, on the shop of `make demo`."""
    home = Home(work / "demo")
    trasos = [sys.executable, "-c", "from trasos.cli import app; app()"]
    environment = {**os.environ, "TRASOS_HOME": str(home.path)}
    if not home.events.exists():
        for arguments in (["simulate"], ["land"]):
            subprocess.run([*trasos, *arguments], cwd=ROOT, env=environment, check=True)
    return experiments.nothing_new(work / "empty", home, (), limit)


def main() -> None:
    """Read the command line and measure what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.events", description=__doc__)
    parser.add_argument("--sizes", nargs="*", choices=EVENTS, default=["1m"], metavar="SIZE")
    parser.add_argument(
        "--parts",
        nargs="*",
        choices=PARTS,
        default=["full", "rivals", "nothing"],
        help="full build and rivals by size; increments by history; nothing new",
    )
    parser.add_argument("--histories", nargs="*", type=int, default=[15, 60], metavar="DAYS")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench", help="scratch folder")
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument(
        "--render", action="store_true", help="write docs/performance.md, measure nothing"
    )
    asked = parser.parse_args()
    if not asked.render:
        work, limit = asked.work.resolve(), asked.memory_limit
        for size in asked.sizes:
            if "full" in asked.parts:
                for record in by_size(work, size, asked.parts, limit):
                    write_down(record)
            if "increments" in asked.parts:
                for record in by_history(work, size, asked.histories, limit):
                    write_down(record)
        if "nothing" in asked.parts:
            write_down(whole_project(work, limit))
    records = read_results()
    PAGE.write_text(rendered(PAGE.read_text(), records))
    draw(records)


if __name__ == "__main__":
    main()
