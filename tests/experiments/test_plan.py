"""The plan, from a small past whose figures are reckoned by hand."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from trasos.cli import app
from trasos.errors import ConfigurationError, NotReadyError
from trasos.experiments.past import DAYS_A_MONTH, Past, read_past
from trasos.experiments.plan import Design, plan
from trasos.experiments.power import conversion_sample, mean_sample

Publish = Callable[[str], Path]

# 70 days: person k first comes on day k mod 70 and again every seven days; the last visit of all
# ends it. Every tenth person orders a day after the first visit, as a guest, for 20.00 of
# margin.
VISITS = """
select 'p' || k as person_id, moment as started_at, moment + interval 10 minute as ended_at
from range(700) as people(k),
    generate_series(
        timestamp '2026-01-01' + to_days((k % 70)::int), timestamp '2026-03-11', interval 7 day
    ) as visits(moment)
"""
ORDERS = """
select
    'o' || k as order_id, 'order:o' || k as person_id, 'p' || k as visitor_person_id,
    'EUR' as currency,
    timestamp '2026-01-02' + to_days((k % 70)::int) as ordered_at,
    20.00::decimal(18, 2) as gross_margin
from range(0, 700, 10) as people(k)
"""


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    monkeypatch.setenv("TRASOS_HOME", str(tmp_path))
    path = tmp_path / "published/trasos.duckdb"
    monkeypatch.setenv("TRASOS_PUBLISHED", str(path))

    def make(where: str = "true") -> Path:
        path.parent.mkdir(exist_ok=True)
        with duckdb.connect(str(path)) as connection:
            for name, sql in (("fct_sessions", VISITS), ("fct_order_values", ORDERS)):
                connection.execute(f"create table {name} as select * from ({sql}) where {where}")
        return path

    return make


def ask(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["experiment", "plan", *arguments])
    return done.exit_code, " ".join(done.output.split())


def test_the_past_is_counted_as_a_test_would_have_met_it(publish: Publish) -> None:
    past = read_past(publish("true"), window_days=14, history_days=28)
    assert past.days == pytest.approx(28)
    # In a week of the past everybody who has come before comes again, and 70 new ones come.
    assert past.entered[0] == pytest.approx(490, abs=20)
    assert past.entered[1:4] == pytest.approx((70, 70, 70), abs=10)
    # Ten persons each of the days 0, 10, 20 ... order, a day after their first visit: of those days
    # only the 50th lies in these 28 days early enough for its window to have ended.
    assert past.n_converted == 10
    assert past.n_counted == pytest.approx(490 + 70, abs=20)
    assert past.margin_per_order == pytest.approx(20.0)
    margins = [20.0] * 10 + [0.0] * (past.n_counted - 10)
    assert past.margin_mean == pytest.approx(statistics.mean(margins))
    assert past.margin_std == pytest.approx(statistics.stdev(margins))
    assert past.orders_per_month == pytest.approx(past.n_orders / 28 * DAYS_A_MONTH)
    assert past.persons_after(2) == sum(past.entered[:2])
    mean = sum(past.entered[1:4]) / 3
    assert past.persons_after(10) == pytest.approx(sum(past.entered[:4]) + 6 * mean)


def past_of(**overrides: object) -> Past:
    values = {
        "days": 56.0, "window_days": 14, "entered": (1000,) * 8, "n_counted": 6000,
        "n_converted": 300, "n_orders": 560, "margin_per_order": 40.0, "currency": "EUR",
        "margin_mean": 2.4, "margin_std": 12.0,
    } | overrides  # fmt: skip
    return Past(**values)


def test_what_pays_is_cost_over_margin_and_the_weeks_are_those_of_the_traffic() -> None:
    found = plan(past_of(), Design(lifts=(0.2,), cost_per_month=1217.5))
    monthly = 560 / 56 * DAYS_A_MONTH
    assert found.break_even_lift == pytest.approx(1217.5 / (monthly * 40))
    assert [step.is_break_even for step in found.steps] == [True, False]
    just, more = found.steps
    assert just.gain_per_month == pytest.approx(0.0, abs=1e-9)
    assert more.gain_per_month == pytest.approx(monthly * 40 * 0.2 - 1217.5)
    assert more.n_persons == conversion_sample(0.05, 0.2)
    assert more.weeks == math.ceil(more.n_persons / 1000) + 2
    half = plan(past_of(), Design(lifts=(0.2,), traffic_share=0.5)).steps[0]
    assert half.weeks == math.ceil(more.n_persons / 500) + 2
    assert found.detectable_persons == 10_000


def test_the_smallest_rise_that_is_seen_needs_just_the_persons_that_there_are() -> None:
    found = plan(past_of(), Design())
    assert found.detectable_lift is not None
    assert conversion_sample(0.05, found.detectable_lift) == pytest.approx(10_000, abs=2)


def test_a_rise_of_margin_takes_the_persons_that_its_noise_asks_for() -> None:
    """Lehr's rule, without its rounding of 7.85 to 8: two groups of 2 (1.96 + 0.84)² s² / d²."""
    step = plan(past_of(), Design(lifts=(0.2,))).steps[0]
    groups = 2 * 2 * (1.959964 + 0.841621) ** 2 * (12.0 / (0.2 * 2.4)) ** 2
    assert step.n_persons_by_margin == pytest.approx(groups, abs=2)
    assert step.weeks_by_margin == math.ceil(groups / 1000) + 2
    assert step.n_persons is not None and step.n_persons_by_margin > step.n_persons
    nothing = plan(past_of(margin_mean=0.0, margin_std=0.0), Design(lifts=(0.2,))).steps[0]
    assert (nothing.n_persons_by_margin, nothing.weeks_by_margin) == (None, None)
    for mean, std, lift in ((0.0, 1.0, 0.1), (1.0, 0.0, 0.1), (1.0, 1.0, 0.0)):
        with pytest.raises(ConfigurationError, match="no sample shows it"):
            mean_sample(mean, std, lift)


def test_any_share_of_power_and_any_lift_has_an_answer_or_a_reason() -> None:
    assert mean_sample(1.0, 1.0, 100.0) == 4
    assert conversion_sample(0.05, 0.2, power=0.01) == 4
    with pytest.raises(ConfigurationError, match="larger lift"):
        mean_sample(1.0, 1.0, 1e-12)
    for sample in (mean_sample(1.0, 2.0, 0.1, treatment_share=0.1), conversion_sample(0.05, 0.1)):
        assert sample > 4
    for share in (0.0, 1.0):
        with pytest.raises(ConfigurationError, match="treatment's share"):
            mean_sample(1.0, 2.0, 0.1, treatment_share=share)


def test_what_cannot_be_planned_says_why() -> None:
    for past, design, said in (
        (past_of(n_counted=0, n_converted=0), Design(), "Nobody in 56 days"),
        (past_of(days=6.9, entered=(900,)), Design(), "6.9 days of data: at least a week"),
        (past_of(n_converted=0), Design(), "0 ordered within 14 days"),
        (past_of(entered=(1,) + (0,) * 7), Design(), "No traffic"),
    ):
        with pytest.raises(NotReadyError, match=said):
            plan(past, design)
    given = plan(past_of(n_counted=0, n_converted=0), Design(baseline=0.05))
    assert given.baseline == 0.05


def test_no_margin_and_no_orders_leave_out_what_hangs_on_them() -> None:
    past = past_of(n_orders=0, margin_per_order=None)
    found = plan(past, Design(cost_per_month=10.0))
    assert found.break_even_lift is None
    assert {step.gain_per_month for step in found.steps} == {None}
    assert plan(past_of(), Design(lifts=(25.0,))).steps[0].n_persons is None
    stopped = past_of(entered=(3000, *(0,) * 7))
    assert plan(stopped, Design(lifts=(0.2,))).steps[0].weeks is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("power", 1.0), ("alpha", 0.0), ("traffic_share", 0.0), ("treatment_share", 1.0),
        ("lifts", (0.0,)), ("cost_per_month", 0.0), ("baseline", 1.0), ("patience_weeks", 0),
    ],
)  # fmt: skip
def test_a_slip_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"--{name.replace('_', '-')} is"):
        Design(**{name: value})


def test_the_command_answers_in_a_table_and_in_words(publish: Publish) -> None:
    publish("true")
    code, said = ask("--cost-per-month", "100", "--history-days", "28")
    assert code == 0, said
    assert "(pays)" in said and "EUR" in said
    assert "100.00 a month are paid by" in said and "power 80%, alpha 5%" in said
    assert "12 weeks bring" in said and "orders" in said and "margin" in said
    code, said = ask("--lift", "0.5", "--history-days", "28")
    assert code == 0 and "+50.0%" in said and "--cost-per-month to learn" in said


@pytest.mark.parametrize(
    ("where", "arguments", "wanted"),
    [
        ("false", (), "no visits"),
        ("true", ("--window-days", "60"), "past longer than it"),
        ("true", ("--window-days", "2", "--history-days", "5"), "at least a week is wanted"),
        ("true", ("--traffic-share", "2"), "--traffic-share is 2.0"),
    ],
)
def test_what_is_wrong_is_one_line(
    publish: Publish, where: str, arguments: tuple[str, ...], wanted: str
) -> None:
    publish(where)
    code, said = ask(*arguments)
    assert code == 1 and wanted in said, said
    assert "Traceback" not in said


def test_without_a_publication_it_says_what_to_run(publish: Publish) -> None:
    code, said = ask()
    assert code == 1 and "trasos publish" in said
