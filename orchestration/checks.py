"""Checks that dbt cannot make: whether the data itself is new."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb

from orchestration.assets.publication import PUBLICATION
from orchestration.project import settings

DEFAULT_MAX_AGE_HOURS = 36.0


@dg.asset_check(asset=PUBLICATION, description="The newest visit is not older than it may be.")
def newest_visit_is_recent() -> dg.AssetCheckResult:
    """A run can be on time and bring nothing: look at the data, not at the run.

    ``TRASOS_MAX_AGE_HOURS`` says how old the newest visit may be. A warning, since the simulated
    shop's calendar stands still; a real shop alerts on it.
    """
    with duckdb.connect(str(settings().published), read_only=True) as connection:
        row = connection.execute("select max(ended_at) from fct_sessions").fetchone()
    newest: datetime | None = row[0] if row else None
    return judge_age(newest, now=datetime.now(UTC).replace(tzinfo=None), max_age=max_age())


def max_age() -> timedelta:
    """How old the newest visit may be."""
    return timedelta(hours=float(os.environ.get("TRASOS_MAX_AGE_HOURS") or DEFAULT_MAX_AGE_HOURS))


def judge_age(newest: datetime | None, now: datetime, max_age: timedelta) -> dg.AssetCheckResult:
    """Pass where the newest visit is young enough.

    Args:
        newest: its end, UTC; None where there is none at all.
        now: UTC.
        max_age: how old it may be.
    """
    if newest is None:
        return dg.AssetCheckResult(
            passed=False,
            severity=dg.AssetCheckSeverity.ERROR,
            description="There is no visit at all: look at landing, then at the rejected events.",
        )
    age = now - newest
    return dg.AssetCheckResult(
        passed=age <= max_age,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"newest_visit": newest.isoformat(), "age_hours": round(age / timedelta(hours=1))},
        description=(
            f"The newest visit ended {age.days} day(s) ago; suspects upstream: the trackers, the "
            "shop's delivery into the inbox, landing."
            if age > max_age
            else None
        ),
    )
