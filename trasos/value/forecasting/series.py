"""Series by week or month: of the whole shop, and of cohorts by their age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from trasos.errors import InputError
from trasos.recommender.columns import Columns
from trasos.value.arrays import Doubles
from trasos.value.params import ForecastParams

SEASON = {"week": 52, "month": 12}
"""Periods of a year."""


@dataclass(frozen=True)
class Series:
    """One value a period, without gaps.

    Attributes:
        series_id: its name.
        is_cohort: whether it is a cohort by age: then the first value is of age 1, since what is
            bought at age 0 is what makes the cohort.
        period: ``week`` or ``month``.
        first: first day of the first period.
        values: (n,) what was counted; from 0 up, but for returns.
    """

    series_id: str
    is_cohort: bool
    period: str
    first: date
    values: Doubles

    @property
    def season(self) -> int:
        """Periods of a year; 0 for a cohort, whose age says more than the calendar."""
        return 0 if self.is_cohort else SEASON[self.period]

    def start(self, place: int) -> date:
        """First day of a period: 0 is that of the first value; what is after the last is future."""
        if self.period == "week":
            return self.first + timedelta(weeks=place)
        months = self.first.year * 12 + self.first.month - 1 + place
        return date(months // 12, months % 12 + 1, 1)


def read_series(table: Any, params: ForecastParams) -> list[Series]:
    """Read ``fct_value_series`` in the period that the parameters or the length of the data say.

    Args:
        table: columns series_id, is_cohort, period, period_start_date, value.
        params: ``period``, and of how many months ``auto`` takes months.

    Returns:
        The series of that period, by name.

    Raises:
        InputError: a column is missing, of another type or null, or a series has a gap.
    """
    held = table.read_all() if isinstance(table, pa.RecordBatchReader) else table
    if isinstance(held, pa.Table) and held.num_rows == 0:
        # A shop younger than a week has no whole period: nothing to forecast, nothing wrong.
        return []
    read = Columns(held, "fct_value_series")
    names = read.texts("series_id").to_pylist()
    periods = read.texts("period").to_pylist()
    cohort, values = read.flags("is_cohort"), read.numbers("value")
    starts = held.column("period_start_date").to_pylist()
    found: dict[tuple[str, str], dict[date, tuple[float, bool]]] = {}
    for name, period, start, value, flag in zip(
        names, periods, starts, values.tolist(), cohort.tolist(), strict=True
    ):
        found.setdefault((period, name), {})[start] = (value, flag)
    whole_months = max(
        (len(rows) for (period, _), rows in found.items() if period == "month"), default=0
    )
    auto = "month" if whole_months >= params.min_months else "week"
    wanted = auto if params.period == "auto" else params.period
    return [
        _series(name, period, rows)
        for (period, name), rows in sorted(found.items())
        if period == wanted
    ]


def _series(name: str, period: str, rows: dict[date, tuple[float, bool]]) -> Series:
    days = sorted(rows)
    values = np.array([rows[day][0] for day in days])
    series = Series(name, rows[days[0]][1], period, days[0], values)
    gaps = [day for place, day in enumerate(days) if series.start(place) != day]
    if gaps or np.isnan(values).any():
        where = gaps[0] if gaps else days[int(np.flatnonzero(np.isnan(values))[0])]
        raise InputError(
            f"fct_value_series: {name} has a gap at {where}; a period without orders is a row of 0."
        )
    return series
