"""The picture of an experiment: its figure run by run, and by each parameter that was tried."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trasos.files import sync
from trasos.model_runs.objective import Objective
from trasos.model_runs.records import RUNS, Kept

PICTURE = "runs.png"
COLUMNS = 3
RUN_COLOUR, BEST_COLOUR, BASE_COLOUR = "#1f5a8c", "#c2571a", "#9a9a9a"
LOG_RATIO = 20.0
"""A parameter whose largest tried value is this many times the least is drawn by ratios."""


def keep_picture(artefacts: Path, experiment: str, content: bytes) -> Path:
    """Put the picture beside the runs of the experiment, in place of the one before."""
    path = artefacts / RUNS / experiment / PICTURE
    draft = path.with_name(f".{PICTURE}.new")
    draft.write_bytes(content)
    sync(draft)
    draft.replace(path)
    return path


def runs_plot(runs: Sequence[Kept], objective: Objective) -> bytes:
    """Draw runs on the same days: above by number with intervals, below by parameter.

    Args:
        runs: of one experiment; failed ones are marked at the foot.
        objective: the figure.

    Returns:
        A PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    done = [(kept, row) for kept in runs if (row := kept.figure(objective)) is not None]
    failed = [kept.run.number for kept in runs if kept.figure(objective) is None]
    names = sorted({name for kept in runs for name in kept.run.changed})
    n_rows = math.ceil(len(names) / COLUMNS)
    figure = Figure(figsize=(11, 3.8 + 2.8 * n_rows), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    heights = [1.3] + [1.0] * n_rows
    grid = figure.add_gridspec(1 + n_rows, COLUMNS, height_ratios=heights)
    _by_number(figure.add_subplot(grid[0, :]), done, failed, objective)
    for place, name in enumerate(names):
        axis = figure.add_subplot(grid[1 + place // COLUMNS, place % COLUMNS])
        _by_parameter(axis, done, name, objective)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _by_number(
    axis: Any, done: list[tuple[Kept, dict[str, Any]]], failed: list[int], objective: Objective
) -> None:
    best = max((row["value"] for _, row in done), default=None)
    for kept, row in done:
        colour = _colour(kept, row, best)
        if row["ci_low"] is not None:
            axis.plot([kept.run.number] * 2, [row["ci_low"], row["ci_high"]], color=colour, lw=1.5)
        axis.plot(kept.run.number, row["value"], "o", color=colour)
    for number in failed:
        axis.plot(number, 0.03, "x", color="black", transform=axis.get_xaxis_transform())
    base = [row["value"] for kept, row in done if not kept.run.changed]
    if base:
        axis.axhline(base[0], color=BASE_COLOUR, lw=1, ls="--", zorder=0)
    n_persons = done[0][1]["n_persons"] if done else 0
    axis.set_title(
        f"{objective.label.upper()} of {objective.model}, slice '{objective.slice}', "
        f"{n_persons:,} persons; bars: interval over persons; dashed: the base; x: failed",
        fontsize=9,
    )
    axis.set_xlabel("run")
    axis.xaxis.get_major_locator().set_params(integer=True)
    _tidy(axis)


def _by_parameter(
    axis: Any, done: list[tuple[Kept, dict[str, Any]]], name: str, objective: Objective
) -> None:
    best = max((row["value"] for _, row in done), default=None)
    values = [json.loads(kept.run.parameters)[name] for kept, _ in done]
    is_number = all(isinstance(value, int | float) for value in values)
    words = sorted({str(value) for value in values})
    for (kept, row), value in zip(done, values, strict=True):
        place = value if is_number else words.index(str(value))
        axis.plot(place, row["value"], "o", color=_colour(kept, row, best), ms=5)
    if not is_number:
        axis.set_xticks(range(len(words)), words)
    elif values and min(values) > 0 and max(values) >= LOG_RATIO * min(values):
        axis.set_xscale("log")
    else:
        axis.locator_params(axis="x", nbins=5)
    axis.set_xlabel(name)
    _tidy(axis)


def _colour(kept: Kept, row: dict[str, Any], best: float | None) -> str:
    if row["value"] == best:
        return BEST_COLOUR
    return RUN_COLOUR if kept.run.changed else BASE_COLOUR


def _tidy(axis: Any) -> None:
    axis.grid(axis="y", alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)
