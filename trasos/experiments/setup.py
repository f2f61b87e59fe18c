"""What people decide before an experiment begins: variations, metrics, sample, window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trasos.errors import ConfigurationError
from trasos.experiments.assignment import Allocation

ROLES = ("primary", "secondary", "guard_rail")
DIRECTIONS = ("up", "down")

COVARIATES: Mapping[str, tuple[str, ...]] = {
    "converted": ("pre_order_count", "pre_session_count"),
    "order_count": ("pre_order_count", "pre_session_count"),
    "net_revenue": ("pre_net_revenue", "pre_session_count"),
    "gross_margin": ("pre_net_revenue", "pre_session_count"),
    "session_count": ("pre_session_count",),
    "cancelled_order_count": ("pre_order_count",),
}
"""The metrics, columns of fct_experiment_persons, and what CUPED takes out of each."""

SHARES = ("converted",)
"""Metrics that are 0 or 1 for a person."""


@dataclass(frozen=True)
class Metric:
    """What an experiment is judged by.

    Attributes:
        name: a column of fct_experiment_persons.
        role: ``primary`` (decides), ``secondary`` (is told) or ``guard_rail`` (must not be harmed).
        higher_is_better: whether more of it is good.
        margin: harm that a guard-rail accepts, as a share of the control's mean; None for others.
    """

    name: str
    role: str
    higher_is_better: bool
    margin: float | None

    @property
    def is_share(self) -> bool:
        """Whether it is 0 or 1 for a person."""
        return self.name in SHARES


@dataclass(frozen=True)
class Experiment:
    """One experiment, as the seeds have it.

    Attributes:
        experiment_id: its name in events.
        control: variation that the others are compared with.
        allocation: variations and their weights.
        metrics: what is read, the primary one first.
        planned_persons: counted persons at which the fixed read-out is made.
        ends_at: first moment after it, UTC without zone; None while nobody has ended it.
        window_days: days after the first exposure in which outcomes count.
    """

    experiment_id: str
    control: str
    allocation: Allocation
    metrics: tuple[Metric, ...]
    planned_persons: int
    ends_at: dt.datetime | None
    window_days: int

    @property
    def treatments(self) -> tuple[str, ...]:
        """Variations other than the control, in their order."""
        return tuple(name for name, _ in self.allocation.weights if name != self.control)

    def is_over(self, n: int, as_of: dt.datetime | None) -> bool:
        """Whether the fixed read-out may be made: the sample is there, or all windows are closed.

        Args:
            n: persons that are counted.
            as_of: newest moment of the data.
        """
        if n >= self.planned_persons:
            return True
        if self.ends_at is None or as_of is None:
            return False
        return as_of >= self.ends_at + dt.timedelta(days=self.window_days)


def read_experiments(experiments: Any, variations: Any, metrics: Any) -> tuple[Experiment, ...]:
    """Read the three seeds, in the order of the experiments' ids.

    Args:
        experiments: ``pyarrow.Table`` of the seed ``experiments``.
        variations: of ``experiment_variations``.
        metrics: of ``experiment_metrics``.

    Raises:
        ConfigurationError: an experiment that cannot be read out; the message names it.
    """
    shares, judged = _grouped(variations), _grouped(metrics)
    found = []
    for row in sorted(experiments.to_pylist(), key=lambda one: str(one["experiment_id"])):
        name = row["experiment_id"]
        weights = tuple(
            sorted((one["variation_id"], int(one["weight"])) for one in shares.get(name, []))
        )
        if row["control_variation_id"] not in dict(weights) or len(weights) < 2:
            raise ConfigurationError(
                f"Experiment {name!r} has the variations {[one for one, _ in weights]} and the "
                f"control {row['control_variation_id']!r}: give seeds/experiment_variations.csv "
                "the control and at least one other."
            )
        if int(row["planned_persons"] or 0) < 1 or int(row["outcome_window_days"] or 0) < 1:
            raise ConfigurationError(
                f"Experiment {name!r} plans {row['planned_persons']} persons and a window of "
                f"{row['outcome_window_days']} days: give seeds/experiments.csv both, from 1; "
                "`trasos experiment plan` says how many persons are needed."
            )
        found.append(
            Experiment(
                name,
                row["control_variation_id"],
                Allocation(row["salt"] or name, weights, int(row["traffic"])),
                _metrics(name, judged.get(name, [])),
                int(row["planned_persons"]),
                row["ends_at"],
                int(row["outcome_window_days"]),
            )
        )
    return tuple(found)


def _grouped(table: Any) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        rows.setdefault(row["experiment_id"], []).append(row)
    return rows


def _metrics(experiment: str, rows: list[dict[str, Any]]) -> tuple[Metric, ...]:
    where = f"seeds/experiment_metrics.csv, experiment {experiment!r}"
    found = []
    for row in rows:
        if row["metric"] not in COVARIATES:
            raise ConfigurationError(
                f"{where}: unknown metric {row['metric']!r}; known are {', '.join(COVARIATES)}."
            )
        if row["role"] not in ROLES or row["direction"] not in DIRECTIONS:
            raise ConfigurationError(
                f"{where}, metric {row['metric']}: role {row['role']!r} and direction "
                f"{row['direction']!r}; wanted are {', '.join(ROLES)}; {', '.join(DIRECTIONS)}."
            )
        if (row["role"] == "guard_rail") != (row["margin_share"] is not None):
            raise ConfigurationError(
                f"{where}, metric {row['metric']}: a guard-rail needs a margin_share, and "
                "nothing else has one."
            )
        found.append(
            Metric(row["metric"], row["role"], row["direction"] == "up", row["margin_share"])
        )
    found.sort(key=lambda one: (ROLES.index(one.role), one.name))
    if sum(one.role == "primary" for one in found) != 1:
        raise ConfigurationError(
            f"{where}: exactly one metric is primary, since what decides is named beforehand."
        )
    if len({one.name for one in found}) != len(found):
        raise ConfigurationError(f"{where}: a metric stands there twice.")
    return tuple(found)
