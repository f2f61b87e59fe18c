"""Whether an experiment is worth beginning: what pays, and whether that can be seen in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from trasos.errors import ConfigurationError, NotReadyError
from trasos.experiments.past import Past
from trasos.experiments.power import conversion_sample, mean_sample, minimal_detectable_lift

LONGEST_WEEKS = 520


@dataclass(frozen=True)
class Design:
    """What is asked of an experiment.

    Attributes:
        power: probability to find the effect, 0..1.
        alpha: share of false alarms accepted, 0..1.
        traffic_share: share of the shop's persons that take part, above 0 to 1.
        treatment_share: share of these that get the treatment, between 0 and 1.
        lifts: relative effects to plan for, each above 0.
        cost_per_month: of what is tested, once all have it, in the currency of the margin.
        margin_per_order: instead of the past's.
        baseline: share of persons that order within the window, instead of the past's.
        patience_weeks: weeks that one is willing to wait.
    """

    power: float = 0.8
    alpha: float = 0.05
    traffic_share: float = 1.0
    treatment_share: float = 0.5
    lifts: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.3)
    cost_per_month: float | None = None
    margin_per_order: float | None = None
    baseline: float | None = None
    patience_weeks: int = 12

    def __post_init__(self) -> None:
        """Hold every figure to its range."""
        for name in ("power", "alpha", "treatment_share"):
            self._hold(name, 0 < getattr(self, name) < 1, "a share between 0 and 1")
        self._hold("traffic_share", 0 < self.traffic_share <= 1, "a share above 0, up to 1")
        self._hold("lifts", all(lift > 0 for lift in self.lifts), "shares above 0")
        self._hold("patience_weeks", self.patience_weeks >= 1, "a whole number from 1")
        for name in ("cost_per_month", "margin_per_order"):
            value = getattr(self, name)
            self._hold(name, value is None or value > 0, "an amount above 0")
        self._hold(
            "baseline", self.baseline is None or 0 < self.baseline < 1, "a share between 0 and 1"
        )

    def _hold(self, name: str, fits: bool, wanted: str) -> None:
        if not fits:
            raise ConfigurationError(
                f"--{name.replace('_', '-')} is {getattr(self, name)!r}: {wanted} is wanted."
            )


@dataclass(frozen=True)
class Step:
    """What one effect needs.

    Attributes:
        lift: relative effect.
        is_break_even: whether it is the one that just pays.
        n_persons: persons in all that show it; None where no share can rise so far.
        weeks: until so many have entered and their windows have closed; None beyond ten years.
        n_persons_by_margin: persons in all that show the same rise of the margin of a person; None
            where the past has none to learn from.
        weeks_by_margin: as ``weeks``, for these.
        gain_per_month: margin it brings a month, less the cost; None where the margin is unknown.
    """

    lift: float
    is_break_even: bool
    n_persons: int | None
    weeks: int | None
    n_persons_by_margin: int | None
    weeks_by_margin: int | None
    gain_per_month: float | None


@dataclass(frozen=True)
class Plan:
    """The answer.

    Attributes:
        baseline: share of persons that order within the window.
        margin_per_order: of the past, or as given; None where neither is there.
        break_even_lift: rise of orders that pays the cost; None without cost, margin or orders.
        steps: effects by size.
        detectable_lift: smallest rise that the weeks one is willing to wait show; None if none.
        detectable_persons: persons that these weeks bring, with their windows closed.
    """

    baseline: float
    margin_per_order: float | None
    break_even_lift: float | None
    steps: tuple[Step, ...]
    detectable_lift: float | None
    detectable_persons: int


def plan(past: Past, design: Design) -> Plan:
    """Plan an experiment on conversion from what the past says.

    Args:
        past: traffic, conversion and orders.
        design: what is asked.

    Raises:
        NotReadyError: the past is shorter than a week, or has nobody whose window has ended;
            nobody or everybody orders; or no new persons come.
    """
    if past.days < 7:
        raise NotReadyError(
            f"{math.floor(past.days * 10) / 10} days of data: at least a week is wanted, to say "
            "how many persons a test would meet. Give a longer --history-days, or wait some days."
        )
    baseline = design.baseline if design.baseline is not None else past.baseline
    if baseline is None:
        raise NotReadyError(
            f"Nobody in {past.days:.0f} days of data has been followed for {past.window_days} "
            "days: give a shorter --window-days, or --baseline."
        )
    if not 0 < baseline < 1:
        raise NotReadyError(
            f"Of {past.n_counted} persons {past.n_converted} ordered within {past.window_days} "
            "days, so nothing says how much chance varies: give --baseline, or a longer "
            "--window-days."
        )
    if past.persons_after(LONGEST_WEEKS) * design.traffic_share < 2:
        raise NotReadyError("No traffic: fewer than two persons a test could meet are in the data.")
    margin = design.margin_per_order or past.margin_per_order
    earned = past.orders_per_month * margin if margin else None
    cost = design.cost_per_month
    pays = cost / earned if cost is not None and earned and earned > 0 else None
    lifts = sorted({*design.lifts, *([pays] if pays is not None else [])})
    steps = tuple(
        _step(past, design, baseline, lift, lift == pays, earned, cost or 0.0) for lift in lifts
    )
    entering = max(design.patience_weeks - math.ceil(past.window_days / 7), 0)
    n = int(past.persons_after(entering) * design.traffic_share)
    seen = minimal_detectable_lift(n, baseline, design.power, design.alpha, design.treatment_share)
    return Plan(baseline, margin, pays, steps, seen, n)


def _step(
    past: Past,
    design: Design,
    baseline: float,
    lift: float,
    is_break_even: bool,
    earned: float | None,
    cost: float,
) -> Step:
    gain = earned * lift - cost if earned is not None else None
    chances = (design.power, design.alpha, design.treatment_share)
    n = by_margin = None
    if baseline * (1 + lift) < 1:
        n = conversion_sample(baseline, lift, *chances)
    if past.margin_mean and past.margin_std:
        by_margin = mean_sample(past.margin_mean, past.margin_std, lift, *chances)
    return Step(
        lift,
        is_break_even,
        n,
        _weeks(past, design, n),
        by_margin,
        _weeks(past, design, by_margin),
        gain,
    )


def _weeks(past: Past, design: Design, n: int | None) -> int | None:
    """Weeks until so many persons have entered, and the last one's window has closed."""
    if n is None:
        return None
    closing = math.ceil(past.window_days / 7)
    for weeks in range(1, LONGEST_WEEKS + 1):
        if past.persons_after(weeks) * design.traffic_share >= n:
            return weeks + closing
    return None
