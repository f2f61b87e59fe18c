"""What the past says of a test to come: as if one had begun some weeks ago and changed nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from trasos.errors import ConfigurationError, NotReadyError

DAYS_A_MONTH = 365.25 / 12

# A person enters with the first visit since the test would have begun; orders count from then on.
BOUNDS = """
create temp table bounds as
select
    greatest(max(ended_at) - to_days($days), min(started_at)) as begins_at,
    max(ended_at) as ends_at
from fct_sessions
"""
ENTRIES = """
create temp table entries as
select sessions.person_id, min(sessions.started_at) as entered_at
from fct_sessions as sessions
inner join bounds on sessions.started_at >= bounds.begins_at
group by sessions.person_id
"""
OUTCOMES = """
with counted as (
    select entries.*
    from entries cross join bounds
    where entries.entered_at + to_days($window) <= bounds.ends_at
),

outcomes as (
    select
        counted.person_id,
        count(orders.order_id) as n_orders,
        count(orders.gross_margin) as n_margins,
        coalesce(sum(orders.gross_margin), 0)::double as margin
    from counted
    left join fct_order_values as orders
        on
            orders.visitor_person_id = counted.person_id
            and orders.ordered_at >= counted.entered_at
            and orders.ordered_at < counted.entered_at + to_days($window)
    group by counted.person_id
)

select
    count(*) as n_counted,
    count(*) filter (where n_orders > 0) as n_converted,
    avg(margin) filter (where n_margins = n_orders) as margin_mean,
    stddev_samp(margin) filter (where n_margins = n_orders) as margin_std
from outcomes
"""
WEEKS = """
select floor(epoch(entered_at - begins_at) / 604800)::bigint as week, count(*) as n_persons
from entries cross join bounds
group by week order by week
"""
ORDERS = """
select
    epoch(max(bounds.ends_at) - min(bounds.begins_at)) / 86400 as days,
    count(orders.order_id) as n_orders,
    avg(orders.gross_margin)::double as margin_per_order,
    max(orders.currency) as currency
from bounds
left join fct_order_values as orders
    on orders.ordered_at >= bounds.begins_at and orders.ordered_at <= bounds.ends_at
"""


@dataclass(frozen=True)
class Past:
    """What happened in the days looked at.

    Attributes:
        days: how many they are.
        window_days: days after entering in which an order counted.
        entered: persons that entered in each whole or begun week, in order.
        n_counted: of these, persons whose window has ended.
        n_converted: of these, persons that ordered within it.
        n_orders: orders of all in these days.
        margin_per_order: their mean gross margin, in ``currency``; None without orders, or rates.
        currency: of the margin.
        margin_mean: mean gross margin of a counted person within the window, without orders 0.
        margin_std: standard deviation of these, None with fewer than two. Persons with an order
            whose margin is not known are left out of both.
    """

    days: float
    window_days: int
    entered: tuple[int, ...]
    n_counted: int
    n_converted: int
    n_orders: int
    margin_per_order: float | None
    currency: str | None
    margin_mean: float | None = None
    margin_std: float | None = None

    @property
    def baseline(self) -> float | None:
        """Share of persons that order within the window; None where nobody could be counted."""
        return self.n_converted / self.n_counted if self.n_counted else None

    @property
    def orders_per_month(self) -> float:
        """Orders in a mean month."""
        return self.n_orders / self.days * DAYS_A_MONTH if self.days else 0.0

    def persons_after(self, weeks: int) -> float:
        """Persons that a test would have met after some weeks.

        Known people come back first, so that the first weeks bring more than later ones. Beyond the
        past, each week brings the mean of the last three whole weeks.
        """
        whole = self.entered[: int(self.days // 7)]
        if weeks <= len(whole):
            return float(sum(whole[:weeks]))
        last = whole[-3:]
        return sum(whole) + (weeks - len(whole)) * (sum(last) / len(last) if last else 0.0)


def read_past(published: Path, window_days: int = 14, history_days: int = 56) -> Past:
    """Read the past from the published copy; a build may run meanwhile.

    Args:
        published: the link to the published copy.
        window_days: days after entering in which an order counts; from 1.
        history_days: days of the past to look at, or as many as there are; more than the window.

    Raises:
        ConfigurationError: days that do not fit.
        NotReadyError: nothing is published, or there were no visits.
    """
    if window_days < 1 or history_days <= window_days:
        raise ConfigurationError(
            f"A window of {window_days} days in a past of {history_days}: the window must be at "
            "least 1 day, and the past longer than it."
        )
    if not published.exists():
        raise NotReadyError(
            f"Nothing is published at {published}: run `dbt build`, then `trasos publish`."
        )
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            connection.execute(BOUNDS, {"days": history_days})
            connection.execute(ENTRIES)
            n_counted, n_converted, *of_margin = connection.execute(
                OUTCOMES, {"window": window_days}
            ).fetchall()[0]
            weeks = dict(connection.execute(WEEKS).fetchall())
            days, n_orders, margin, currency = connection.execute(ORDERS).fetchall()[0]
    except duckdb.Error as error:
        raise NotReadyError(
            f"{published} cannot be read for fct_sessions and fct_order_values: {error}. Run "
            "`dbt build`, then `trasos publish`."
        ) from error
    if not weeks:
        raise NotReadyError(
            f"{published} has no visits, so nothing says how many persons a test would meet: land "
            "events and build first."
        )
    entered = tuple(weeks.get(week, 0) for week in range(max(weeks) + 1))
    counted = (n_counted, n_converted, n_orders, margin, currency, *of_margin)
    return Past(days, window_days, entered, *counted)
