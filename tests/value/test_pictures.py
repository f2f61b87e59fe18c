from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.value import tables
from trasos import value
from trasos.errors import InputError, NotReadyError
from trasos.value.forecasting.plots import forecast_plot
from trasos.value.pictures import draw_forecasts

MONDAY = date(2026, 3, 2)


def published(path: Path, values: list[float]) -> Path:
    """A published copy that holds forecasts of one series."""
    rows = value.series_forecasts(tables.weeks(MONDAY, values), {})
    with duckdb.connect(str(path)) as connection:
        connection.register("found", rows)
        connection.execute(
            "create table rpt_cohort_forecasts as select * from found where row_kind = 'forecast'"
        )
    return path


def test_each_series_becomes_a_picture(tmp_path: Path) -> None:
    copy = published(tmp_path / "copy.duckdb", [50.0 + 3 * k for k in range(14)])
    (file,) = draw_forecasts(copy, tmp_path / "pictures")
    assert file.name == "total_orders.png"
    first = file.read_bytes()
    assert first.startswith(b"\x89PNG") and len(first) > 5_000
    assert draw_forecasts(copy, tmp_path / "again")[0].read_bytes() == first


def test_a_short_series_has_none(tmp_path: Path) -> None:
    assert draw_forecasts(published(tmp_path / "copy.duckdb", [1.0, 2.0]), tmp_path / "p") == []


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="Nothing is published"):
        draw_forecasts(tmp_path / "none.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute("create table other (x integer)")
    with pytest.raises(NotReadyError, match="no rpt_cohort_forecasts"):
        draw_forecasts(tmp_path / "empty.duckdb", tmp_path)
    row = {"series_id": "a", "is_forecast": False, "period": "week",
           "period_start_date": MONDAY + timedelta(weeks=1), "value": 1.0}  # fmt: skip
    with pytest.raises(InputError, match="rows of 2"):
        forecast_plot([row, row | {"series_id": "b"}])
