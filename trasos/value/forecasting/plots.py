"""Pictures of forecasts: what was, what is expected, and how sure that is."""

from __future__ import annotations

from typing import Any

from trasos.errors import InputError
from trasos.recommender.plots import BASELINE_COLOUR, LIGHT_COLOUR, MODEL_COLOUR, png

COLUMNS = (
    "series_id", "period", "period_start_date", "is_forecast", "model", "value", "value_low",
    "value_high", "naive_value",
)  # fmt: skip
"""Of ``rpt_cohort_forecasts``: what a picture asks for."""


def forecast_plot(rows: list[dict[str, Any]]) -> bytes:
    """Draw one series with its forecast, its interval and the naive forecast.

    Args:
        rows: of one series of ``rpt_cohort_forecasts``, with ``COLUMNS``, in the order of time.

    Returns:
        A PNG; the same rows draw the same bytes.

    Raises:
        InputError: no rows, or rows of several series.
    """
    # Imported here: it takes seconds, and only pictures ask for it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = {row["series_id"] for row in rows}
    if len(names) != 1:
        raise InputError(
            f"A picture is of one series; got rows of {len(names)}. Hand over those of one."
        )
    past = [row for row in rows if not row["is_forecast"]]
    ahead = [row for row in rows if row["is_forecast"]]
    figure = Figure(figsize=(8, 3.4), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    axis.plot(
        [row["period_start_date"] for row in past], [row["value"] for row in past],
        "o-", color=MODEL_COLOUR, ms=3, lw=1.2, label="counted",
    )  # fmt: skip
    if ahead:
        days = [row["period_start_date"] for row in ahead]
        axis.fill_between(
            days, [row["value_low"] for row in ahead], [row["value_high"] for row in ahead],
            color=LIGHT_COLOUR, alpha=0.6, lw=0, label="interval",
        )  # fmt: skip
        axis.plot(
            days, [row["value"] for row in ahead], "o--", color=MODEL_COLOUR, ms=3, lw=1.2,
            label=f"expected ({ahead[0]['model']})",
        )  # fmt: skip
        axis.plot(
            days, [row["naive_value"] for row in ahead], ":", color=BASELINE_COLOUR, label="naive"
        )
    axis.set_title(f"{names.pop()}, by {rows[0]['period']}", fontsize=10)
    axis.set_ylim(bottom=min(0.0, *(row["value"] for row in rows)))
    axis.grid(axis="y", alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(fontsize=8, frameon=False)
    axis.tick_params(labelsize=8)
    return png(figure)
