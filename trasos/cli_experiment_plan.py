"""`trasos experiment plan`: what an experiment on people needs, and whether it is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from trasos.settings import Settings

if TYPE_CHECKING:
    from trasos.experiments.past import Past
    from trasos.experiments.plan import Design, Plan


def plan(
    window_days: Annotated[
        int, typer.Option(help="Days after the first exposure in which an order counts.")
    ] = 14,
    history_days: Annotated[int, typer.Option(help="Days of the past to learn from.")] = 56,
    cost_per_month: Annotated[
        float | None, typer.Option(help="What the change costs a month, once all have it.")
    ] = None,
    margin_per_order: Annotated[
        float | None, typer.Option(help="Gross margin of an order; that of the past.")
    ] = None,
    baseline: Annotated[
        float | None, typer.Option(help="Share of persons that order; that of the past.")
    ] = None,
    lift: Annotated[
        list[float] | None,
        typer.Option(help="Rise of orders to plan for, 0.1 for a tenth; may be repeated."),
    ] = None,
    traffic_share: Annotated[float, typer.Option(help="Share of persons that take part.")] = 1.0,
    treatment_share: Annotated[float, typer.Option(help="Share of these that see it.")] = 0.5,
    power: Annotated[float, typer.Option(help="Probability to find the effect.")] = 0.8,
    alpha: Annotated[float, typer.Option(help="Share of false alarms accepted.")] = 0.05,
    patience_weeks: Annotated[int, typer.Option(help="Weeks that you are willing to wait.")] = 12,
) -> None:
    """Say what rise pays, and how many persons and weeks it takes to show it.

    Everything is reckoned from the newest publication: traffic, the share of persons that order,
    and the margin of an order. A rise is looked for in the share of persons that order, or in the
    margin of a person, which varies more and so takes more of them.
    """
    from trasos.experiments.past import read_past
    from trasos.experiments.plan import Design
    from trasos.experiments.plan import plan as planned

    design = Design(
        power=power,
        alpha=alpha,
        traffic_share=traffic_share,
        treatment_share=treatment_share,
        lifts=tuple(lift) if lift else Design().lifts,
        cost_per_month=cost_per_month,
        margin_per_order=margin_per_order,
        baseline=baseline,
        patience_weeks=patience_weeks,
    )
    past = read_past(Settings.from_env().published, window_days, history_days)
    found = planned(past, design)
    console = Console(soft_wrap=True, highlight=False)
    console.print(_table(found, past))
    for sentence in sentences(found, past, design):
        console.print(sentence)


def _table(found: Plan, past: Past) -> Table:
    money = f"a month, {past.currency}" if past.currency else "a month"
    table = Table(box=box.SIMPLE_HEAD, title="An experiment on people")
    table.add_column("rise", no_wrap=True)
    for name in ("persons, by orders", "weeks", "persons, by margin", "weeks", money):
        table.add_column(name, justify="right")
    for step in found.steps:
        table.add_row(
            f"{step.lift:+.1%}" + (" (pays)" if step.is_break_even else ""),
            *_needed(step.n_persons, step.weeks),
            *_needed(step.n_persons_by_margin, step.weeks_by_margin),
            "-" if step.gain_per_month is None else f"{step.gain_per_month:+,.2f}",
        )
    return table


def _needed(persons: int | None, weeks: int | None) -> tuple[str, str]:
    if persons is None:
        return "-", "-"
    return f"{persons:,}", "over 520" if weeks is None else str(weeks)


def sentences(found: Plan, past: Past, design: Design) -> list[str]:
    """The plan in words."""
    said = [
        f"Of {past.n_counted:,} persons of the last {past.days:.0f} days {found.baseline:.2%} "
        f"ordered within {past.window_days} days."
        if design.baseline is None
        else f"A share of {found.baseline:.2%} that orders within {past.window_days} days is given."
    ]
    margin = "unknown: no orders with a margin, give --margin-per-order"
    if found.margin_per_order is not None:
        margin = f"{found.margin_per_order:,.2f} {past.currency or ''}".strip()
    said.append(f"The margin of an order is {margin}; a month has {past.orders_per_month:,.0f}.")
    pays = next((step for step in found.steps if step.is_break_even), None)
    if pays is not None:
        shown = (
            "cannot be shown: not so many can order"
            if pays.n_persons is None
            else f"takes {pays.n_persons:,} persons to show, "
            + (
                "more than ten years of this traffic"
                if pays.weeks is None
                else f"{pays.weeks} weeks"
            )
        )
        said.append(
            f"{design.cost_per_month:,.2f} a month are paid by {pays.lift:+.1%} of orders, which "
            f"{shown} (power {design.power:.0%}, alpha {design.alpha:.0%})."
        )
    elif design.cost_per_month is not None:
        said.append("What pays the cost cannot be said: the past has no orders that earn anything.")
    else:
        said.append("Give --cost-per-month to learn which rise pays.")
    weeks = design.patience_weeks
    if found.detectable_lift is None:
        said.append(
            f"{weeks} weeks bring {found.detectable_persons:,} persons: too few to show any rise."
        )
    else:
        said.append(
            f"{weeks} weeks bring {found.detectable_persons:,} persons, whose windows have closed "
            f"by then: they show {found.detectable_lift:+.1%} or more, and nothing smaller."
        )
        if pays is not None and pays.weeks is not None and pays.weeks <= weeks:
            said.append("Worth beginning: what just pays can be seen in that time.")
        elif pays is not None:
            said.append(
                "What just pays cannot be seen in that time. Begin only if you believe in "
                f"{found.detectable_lift:+.1%} or more; else decide without an experiment."
            )
    return said
