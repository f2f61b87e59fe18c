"""The pictures of an evaluation beside the first one (``trasos.recommender.plots``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trasos.recommender.evaluate import BASELINES
from trasos.recommender.plots import BASELINE_COLOUR, MODEL_COLOUR, dots, png
from trasos.recommender.reporting.figures import LISTS, SLICES, label, once

OTHER_COLOUR = "#7fa8c9"


def slices_plot(rows: Any, served: str, metric: str, k: int) -> bytes:
    """Draw one metric of every model, a panel a slice.

    Args:
        rows: table with schema ``evaluate.ROWS``.
        served: name of the model that serves, which is drawn strongest.
        metric: name of the metric.
        k: its length.

    Returns:
        A PNG.
    """
    own = [row for row in once(rows) if (row["metric"], row["k"]) == (metric, k)]
    names = [name for name in SLICES if any(row["slice"] == name for row in own)]
    figure, axes = _panels(len(names))
    for axis, name in zip(axes, names, strict=True):
        panel = [row for row in own if row["slice"] == name]
        _dots(axis, panel, served)
        axis.set_title(f"{name}: {panel[0]['n_persons']:,} persons", fontsize=9)
        axis.set_xlabel(label(metric, k))
    return png(figure)


def lists_plot(rows: Any, served: str) -> bytes:
    """Draw what the lists of all persons are like: novelty, diversity, coverage, concentration."""
    own = [row for row in once(rows) if row["slice"] == "all"]
    figure, axes = _panels(len(LISTS))
    for axis, (metric, k) in zip(axes, LISTS, strict=True):
        _dots(axis, [row for row in own if (row["metric"], row["k"]) == (metric, k)], served)
        axis.set_xlabel(label(metric, k))
    return png(figure)


def weights_plot(parts: Sequence[tuple[str, float]]) -> bytes:
    """Draw the blend: the weight of each part.

    Args:
        parts: name and weight.
    """
    figure, (axis,) = _panels(1, width=6.0, height=0.7 + 0.45 * len(parts))
    names, weights = zip(*reversed(parts), strict=True)
    bars = axis.barh(names, weights, color=MODEL_COLOUR, height=0.6)
    axis.bar_label(bars, fmt="%.3g", padding=4, fontsize=9)
    axis.set_xlim(0, max(1.0, *weights) * 1.08)
    axis.set_xlabel("weight in the blend")
    axis.spines[["top", "right"]].set_visible(False)
    return png(figure)


def _panels(n: int, width: float = 11.0, height: float = 3.4) -> tuple[Any, Any]:
    # Imported here: it takes seconds, and only a new evaluation is drawn.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(1, n, sharey=True, squeeze=False)[0]


def _dots(axis: Any, rows: list[dict[str, Any]], served: str) -> None:
    def colour(model: str) -> str:
        beside = BASELINE_COLOUR if model in BASELINES else OTHER_COLOUR
        return MODEL_COLOUR if model == served else beside

    dots(axis, rows, colour, 3)
    # The margin first: setting an end keeps the other as it stands.
    axis.margins(x=0.14)
    axis.set_xlim(left=0)
    axis.locator_params(axis="x", nbins=4)
