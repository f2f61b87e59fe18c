from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

from rich.console import Console

from trasos.landing import LandingReport
from trasos.landing.report import LandedBatch


def text(report: LandingReport, verbose: bool = False) -> str:
    out = io.StringIO()
    Console(file=out, width=120).print(report.table(verbose))
    return out.getvalue()


def test_the_table_tells_what_was_done() -> None:
    dead = Counter({"not a JSON object": 3, "invalid JSON: [/b] oops": 1})
    report = LandingReport(
        "shop",
        batches=[
            LandedBatch("events/[red]a.jsonl", Path("x"), 1_005, 1_000, 1, dead, 2_000_000),
            LandedBatch(
                "events/b.jsonl", Path("y"), 10, 9, 0, Counter({"not a JSON object": 1}), 5
            ),
        ],
        tables=[("orders", 12)],
        refused=[("events/c.jsonl.gz", "cut short")],
        ignored=[("readme.md", "neither events nor a table")],
    )
    assert report.dead_letters == {"not a JSON object": 4, "invalid JSON: [/b] oops": 1}
    assert (report.lines, report.events, report.blank, report.bytes) == (1_015, 1_009, 1, 2_000_005)
    short = text(report)
    for part in ("1,009", "orders (12 rows)", "events/c.jsonl.gz: cut short", "[/b] oops"):
        assert part in short
    assert "readme.md" not in short
    long = text(report, verbose=True)
    assert "readme.md: neither events nor a table" in long
    assert "events/[red]a.jsonl" in long
