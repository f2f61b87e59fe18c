"""Value: what customers are worth, what they will be, and who resembles whom.

Pure functions over arrays and Arrow tables. The functions here are what dbt's Python models call;
each answers with a table, sorted, and the same for the same rows in whatever order and on however
many threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from threadpoolctl import threadpool_limits

from trasos.value import checks, ltv
from trasos.value.params import ForecastParams, LtvParams, SegmentParams

__all__ = ["customer_values", "model_checks", "segment_members", "series_forecasts"]


def customer_values(customers: Any, params: Mapping[str, Any]) -> Any:
    """Forecast what each customer will order, bring and earn: BG/NBD with Gamma-Gamma.

    Args:
        customers: ``pyarrow.Table`` of ``fct_customer_rfm``; may have no rows.
        params: as ``params.LtvParams.from_mapping`` reads them.

    Returns:
        ``pyarrow.Table``: ``ltv.ROWS``, a row a customer.

    Raises:
        InputError: a column is missing, of another type, null, or cannot be.
        ConfigurationError: a parameter does not fit.
    """
    read = LtvParams.from_mapping(params)
    if customers.num_rows == 0:
        return ltv.ROWS.empty_table()
    with threadpool_limits(limits=1):
        return ltv.customer_ltv(ltv.Customers.from_arrow(customers), read)


def model_checks(
    customers: Any, orders: Any, params: Mapping[str, Any], holdout_days: int | str
) -> Any:
    """What was fitted, and how the models do on days that they have not seen.

    Args:
        customers: as in ``customer_values``.
        orders: ``pyarrow.Table`` of orders that were not cancelled: person_id, order_day (days
            since 1970), net_revenue.
        params: as in ``customer_values``.
        holdout_days: whole days at the end that are held out, from 1 up.

    Returns:
        ``pyarrow.Table``: ``checks.ROWS``.

    Raises:
        InputError: as ``customer_values``.
        ConfigurationError: a parameter does not fit.
    """
    read = LtvParams.from_mapping(params)
    if customers.num_rows == 0:
        return checks.ROWS.empty_table()
    with threadpool_limits(limits=1):
        return checks.check_models(customers, orders, read, checks.whole_days(holdout_days))


def series_forecasts(series: Any, params: Mapping[str, Any]) -> Any:
    """Forecast the shop and its cohorts by week or month, with back-tests and diagnostics.

    Args:
        series: ``pyarrow.Table`` of ``fct_value_series``.
        params: as ``params.ForecastParams.from_mapping`` reads them.

    Returns:
        ``pyarrow.Table``: ``forecasting.tables.ROWS``.

    Raises:
        InputError: a column is missing, of another type or null, or a series has a gap.
        ConfigurationError: a parameter does not fit.
    """
    # Imported here: statsmodels takes a second, and the other models need none of it.
    from trasos.value.forecasting import forecast_rows, read_series

    read = ForecastParams.from_mapping(params)
    with threadpool_limits(limits=1):
        return forecast_rows(read_series(series, read), read)


def segment_members(customers: Any, behaviour: Any, params: Mapping[str, Any]) -> Any:
    """Put customers who resemble each other into segments with names that stay.

    Args:
        customers: as in ``customer_values``.
        behaviour: ``pyarrow.Table``: person_id, session_count, view_count; who is missing has none.
        params: as ``params.SegmentParams.from_mapping`` reads them.

    Returns:
        ``pyarrow.Table``: ``segments.ROWS``, a row a customer.

    Raises:
        InputError: as ``customer_values``.
        ConfigurationError: a parameter does not fit.
    """
    from trasos.value import segments

    read = SegmentParams.from_mapping(params)
    if customers.num_rows == 0:
        return segments.ROWS.empty_table()
    with threadpool_limits(limits=1):
        return segments.segment_members(customers, behaviour, read)
