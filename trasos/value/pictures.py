"""Pictures of the forecasts in the published copy, one file a series."""

from __future__ import annotations

from pathlib import Path

import duckdb

from trasos.errors import NotReadyError
from trasos.value.forecasting.plots import COLUMNS, forecast_plot


def draw_forecasts(published: Path, folder: Path) -> list[Path]:
    """Draw every series of ``rpt_cohort_forecasts`` that has a forecast.

    Args:
        published: the link to the published copy; it is opened for reading only.
        folder: where the files go; it is made where it is missing.

    Returns:
        The files, by name: none where every series is too short.

    Raises:
        NotReadyError: nothing is published, or no forecasts are.
    """
    if not published.exists():
        raise NotReadyError(
            f"Nothing is published at {published}. Run `make demo`, or `dbt build` and then "
            "`trasos publish`."
        )
    with duckdb.connect(str(published), read_only=True) as connection:
        try:
            cursor = connection.execute(
                f"select {', '.join(COLUMNS)} from rpt_cohort_forecasts "
                "order by series_id, period_start_date"
            )
        except duckdb.CatalogException as error:
            raise NotReadyError(
                f"{published} holds no rpt_cohort_forecasts: build models/marts/value and publish."
            ) from error
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name in sorted({row["series_id"] for row in rows if row["is_forecast"]}):
        file = folder / f"{name.replace('/', '_')}.png"
        file.write_bytes(forecast_plot([row for row in rows if row["series_id"] == name]))
        files.append(file)
    return files
