"""Pictures of an evaluation: models' metrics with their intervals, and what sources find."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from trasos.recommender.evaluate import BASELINES

PANELS = (("ndcg", "NDCG@10"), ("recall", "Recall@20"), ("map", "MAP@12"))
MODEL_COLOUR, LIGHT_COLOUR, BASELINE_COLOUR = "#1f5a8c", "#a9c6de", "#9a9a9a"
WHAT = {"new": "what was new to them", "any": "all they chose"}


def metrics_plot(rows: Any, *, slice_name: str = "warm") -> bytes:
    """Draw NDCG, recall and MAP of every model over one slice.

    Args:
        rows: table with schema ``evaluate.ROWS``.
        slice_name: whose persons; where it has no rows, "all" is drawn.

    Returns:
        A PNG.
    """
    # Imported here: it takes seconds, and of all that the recommender answers only this draws.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    found = [row for row in rows.to_pylist() if row["baseline"] == BASELINES[0]]
    if not any(row["slice"] == slice_name for row in found):
        slice_name = "all"
    found = [row for row in found if row["slice"] == slice_name]
    figure = Figure(figsize=(11, 3.6), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(PANELS), sharey=True)
    for axis, (metric, label) in zip(axes, PANELS, strict=True):
        dots(axis, [row for row in found if row["metric"] == metric], _colour, 4)
        axis.set_xlim(left=0)
        axis.set_xlabel(label)
    n_persons = found[0]["n_persons"] if found else 0
    figure.suptitle(f"{n_persons:,} persons, slice '{slice_name}'; bars: interval over persons")
    return png(figure)


def recall_plot(rows: Any) -> bytes:
    """Draw what each source of candidates finds, the part that it alone finds in dark.

    Args:
        rows: table with schema ``candidates.recall.ROWS``.

    Returns:
        A PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    found = rows.to_pylist()
    policies = sorted({row["policy"] for row in found}, reverse=True)
    figure = Figure(figsize=(11, 3.6), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    for axis, policy in zip(
        figure.subplots(1, len(policies), squeeze=False)[0], policies, strict=True
    ):
        of = [row for row in found if row["policy"] == policy][::-1]
        for position, row in enumerate(of):
            is_union = position == 0
            colour = BASELINE_COLOUR if is_union else LIGHT_COLOUR
            axis.barh(position, row["recall"], color=colour)
            if not is_union:
                axis.barh(position, row["recall_alone"], color=MODEL_COLOUR)
            said = f"{row['recall']:.3f}" + (
                "" if is_union else f"  (alone {row['recall_alone']:.3f})"
            )
            axis.annotate(said, (row["recall"], position), fontsize=8, va="center")
        axis.set_yticks(range(len(of)), [row["source"].replace("_", " ") for row in of])
        axis.set_xlim(0, 1.25)
        axis.set_xlabel(
            f"recall at {of[0]['depth']}, {of[0]['n_persons']:,} persons, {WHAT[policy]}"
        )
        axis.spines[["top", "right"]].set_visible(False)
    return png(figure)


def dots(
    axis: Any, rows: list[dict[str, Any]], colour_of: Callable[[str], str], digits: int
) -> None:
    """Draw a value a model, the first on top, with its interval where it has one.

    Args:
        axis: of matplotlib.
        rows: rows of ``evaluate.ROWS``, one a model.
        colour_of: the colour of a model by its name.
        digits: of the values written beside the dots.
    """
    for position, row in enumerate(reversed(rows)):
        colour = colour_of(row["model"])
        if row["ci_low"] is not None:
            axis.plot([row["ci_low"], row["ci_high"]], [position, position], color=colour, lw=2)
        axis.plot(row["value"], position, "o", color=colour)
        axis.annotate(
            f"{row['value']:.{digits}f}",
            (row["value"], position),
            textcoords="offset points",
            xytext=(0, 6),
            ha="center",
            fontsize=8,
        )
    axis.set_yticks(range(len(rows)), [row["model"] for row in reversed(rows)])
    axis.set_ylim(-0.6, len(rows) - 0.2)
    axis.grid(axis="x", alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)


def png(figure: Any) -> bytes:
    """A figure of matplotlib as PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # No software version and no date in the file: the same rows draw the same bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _colour(model: str) -> str:
    return BASELINE_COLOUR if model in BASELINES else MODEL_COLOUR
