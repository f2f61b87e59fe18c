"""Figures of an evaluation in words and rows, the same for the report and the card."""

from __future__ import annotations

import datetime as dt
from typing import Any

from trasos.recommender.evaluate import BASELINES
from trasos.recommender.judge import LIST_METRICS, PERSON_METRICS
from trasos.recommender.reporting.pages import table
from trasos.recommender.verdict import SPOKEN, is_served

SLICES = {
    "warm": "persons with history",
    "heavy": "persons who met many products before",
    "new": "persons without history",
    "all": "persons in all",
}
SHORT = ("ndcg", "map", "mrr")
QUALITY = (("ndcg", 10), ("recall", 20), ("map", 12), ("mrr", 20), ("hit_rate", 20))
LISTS = tuple(each for each in PERSON_METRICS + LIST_METRICS if each not in QUALITY)


def label(metric: str, k: int) -> str:
    """As people write it."""
    spoken = metric.upper() if metric in SHORT else metric.replace("_", " ").capitalize()
    return f"{spoken}@{k}"


def moment(seconds: int) -> str:
    """A moment of UTC, to the minute."""
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M} UTC"


def once(rows: Any) -> list[dict[str, Any]]:
    """Each figure once: an evaluation (``evaluate.ROWS``) has it once a baseline."""
    return [row for row in rows.to_pylist() if row["baseline"] == BASELINES[0]]


def figure(row: dict[str, Any]) -> str:
    """A value with its interval where it has one."""
    if row["ci_low"] is None:
        return f"{row['value']:.4f}"
    # A line is broken before the interval or not at all.
    return f"{row['value']:.4f} [{row['ci_low']:.4f},\N{NO-BREAK SPACE}{row['ci_high']:.4f}]"


def slice_tables(rows: Any, metrics: tuple[tuple[str, int], ...] = QUALITY) -> list[str]:
    """Every model beside the others, a heading and a table a slice, as Markdown.

    Args:
        rows: ``pyarrow.Table`` with schema ``evaluate.ROWS``.
        metrics: the columns.
    """
    found = once(rows)
    parts = []
    for name, who in SLICES.items():
        own = [row for row in found if row["slice"] == name]
        if not own:
            continue
        cells = {(row["model"], row["metric"], row["k"]): figure(row) for row in own}
        models = list(dict.fromkeys(row["model"] for row in own))
        body = [[f"`{model}`", *(cells[(model, *each)] for each in metrics)] for model in models]
        heads = ["model", *(label(*each) for each in metrics)]
        parts.append(f"### {own[0]['n_persons']:,} {who} (`{name}`)\n\n{table(heads, body)}")
    return parts


def difference_table(rows: Any, metric: str, k: int) -> str:
    """What is served beside each baseline in each slice, as Markdown; paired intervals."""
    body = [
        [
            f"`{row['slice']}`",
            SPOKEN.get(row["baseline"], row["baseline"]),
            f"{row['value']:.4f}",
            f"{row['difference']:+.4f}",
            _interval(row),
            f"{row['n_persons']:,}",
        ]
        for row in rows.to_pylist()
        if is_served(row) and (row["metric"], row["k"]) == (metric, k)
    ]
    order = {f"`{name}`": place for place, name in enumerate(SLICES)}
    body.sort(key=lambda cells: order.get(cells[0], len(order)))
    heads = ["slice", "beside", label(metric, k), "difference", "interval", "persons"]
    return table(heads, body)


def _interval(row: dict[str, Any]) -> str:
    if row["diff_low"] is None:
        return ""
    return f"[{row['diff_low']:+.4f}, {row['diff_high']:+.4f}]"
