"""From tables to tables: what each status means, and that rows in any order give the same bits."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trasos import experiments
from trasos.errors import ConfigurationError, InputError
from trasos.experiments.checks import CHECKED
from trasos.experiments.tables import CHECKS, DAILY, READOUTS, SEGMENT_ROWS
from trasos.experiments.units import NUMBERS

AS_OF = dt.datetime(2026, 6, 30, 12)
PERSONS = pa.schema(
    [
        *((name, pa.string()) for name in ("experiment_id", "person_id", "variation_id")),
        ("status", pa.string()),
        ("window_ends_at", pa.timestamp("us")),
        ("as_of", pa.timestamp("us")),
        *((name, pa.string()) for name in ("device_type", "country", "visitor_kind")),
        *((name, pa.float64()) for name in NUMBERS),
    ]
)


def make_persons(
    n: int = 400, lift: float = 0.0, seed: int = 1, **overrides: Any
) -> list[dict[str, Any]]:
    """People of experiment `e`, half of them in each of its two groups; some order."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        treated = k % 2 == 1
        ordered = float(rng.random() < 0.2 * (1 + lift * treated))
        rows.append(
            dict.fromkeys(NUMBERS, 0.0)
            | {
                "experiment_id": "e",
                "person_id": f"customer:{k:05d}",
                "variation_id": "new" if treated else "old",
                "status": "counted",
                "window_ends_at": dt.datetime(2026, 5, 1) + dt.timedelta(hours=3 * k),
                "as_of": AS_OF,
                "device_type": ("mobile", "desktop", None)[k % 3],
                "country": "DE",
                "visitor_kind": "new" if k % 5 else "returning",
                "converted": ordered,
                "order_count": ordered,
                "net_revenue": ordered * float(np.round(rng.lognormal(4, 0.5), 2)),
                "session_count": float(rng.poisson(3)),
                "pre_session_count": float(rng.poisson(2)),
            }
            | overrides
        )
    return rows


def seeds(
    metrics: list[tuple[str, str, str, float | None]] | None = None,
    variations: tuple[tuple[str, int], ...] = (("old", 5000), ("new", 5000)),
    **overrides: Any,
) -> dict[str, Any]:
    """The three seeds of experiment `e`, and parameters."""
    row = {
        "experiment_id": "e", "salt": "e", "traffic": 10_000, "ends_at": None,
        "control_variation_id": "old", "planned_persons": 400, "outcome_window_days": 14,
    } | overrides  # fmt: skip
    ends_at = pa.array([row.pop("ends_at")], pa.timestamp("us"))
    judged = metrics or [("converted", "primary", "up", None)]
    return {
        "experiments": pa.Table.from_pylist([row]).append_column("ends_at", ends_at),
        "variations": pa.table(
            {
                "experiment_id": ["e"] * len(variations),
                "variation_id": [name for name, _ in variations],
                "weight": [weight for _, weight in variations],
            }
        ),
        "metrics": pa.table(
            {
                "experiment_id": ["e"] * len(judged),
                "metric": [one[0] for one in judged],
                "role": [one[1] for one in judged],
                "direction": [one[2] for one in judged],
                "margin_share": pa.array([one[3] for one in judged], pa.float64()),
            }
        ),
        "params": {"aa_runs": "20"},
    }


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=PERSONS)


def read(rows: list[dict[str, Any]], **settings: Any) -> list[dict[str, Any]]:
    return list(experiments.readouts(table(rows), **seeds(**settings)).to_pylist())


def test_an_effect_is_found_and_every_figure_is_there() -> None:
    metrics = [
        ("converted", "primary", "up", None),
        ("net_revenue", "secondary", "up", None),
        ("session_count", "guard_rail", "up", 0.2),
    ]
    primary, secondary, rail = read(make_persons(lift=1.0), metrics=metrics)
    assert (primary["metric"], primary["status"], primary["decision"]) == (
        "converted", "read", "better",
    )  # fmt: skip
    assert primary["n_control"] == primary["n_treatment"] == 200
    assert primary["difference"] == pytest.approx(
        primary["mean_treatment"] - primary["mean_control"]
    )
    assert primary["sequential_low"] < primary["diff_low"] < primary["difference"]
    assert primary["lift"] == pytest.approx(primary["difference"] / primary["mean_control"])
    assert primary["margin_share"] is primary["guard_rail_p_value"] is None
    assert secondary["role"] == "secondary"
    assert rail["decision"] in ("held", "open")
    assert 0 < rail["guard_rail_p_value"] < 1


def test_a_metric_that_is_to_fall_is_worse_where_it_rises() -> None:
    rows = make_persons(lift=1.0)
    for row in rows:
        row["cancelled_order_count"] = row["converted"]
    (found,) = read(rows, metrics=[("cancelled_order_count", "primary", "down", None)])
    assert found["difference"] > 0
    assert found["decision"] == "worse"


def test_while_it_runs_only_the_sequential_read_out_decides() -> None:
    rows = make_persons(lift=0.6, seed=4)
    (over,) = read(rows)
    (running,) = read(rows, planned_persons=401)
    assert (over["status"], over["decision"]) == ("read", "better")
    assert running["status"] == "running"
    assert running["verdict"] == "better"
    assert running["decision"] == running["sequential_verdict"] == "open"
    ended = dt.datetime(2026, 6, 1)
    (finished,) = read(rows, planned_persons=401, ends_at=ended)
    assert finished["status"] == "read"
    (open_windows,) = read(rows, planned_persons=401, ends_at=dt.datetime(2026, 6, 20))
    assert open_windows["status"] == "running"
    assert_no_segments(rows, "running", planned_persons=401)


def assert_no_segments(rows: list[dict[str, Any]], status: str, **settings: Any) -> None:
    """One row, that says why there are no segments, and no figure."""
    (row,) = experiments.segments(table(rows), **seeds(**settings)).to_pylist()
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "experiment_id": "e", "metric": "converted", "variation_id": "new",
        "segment": "all", "segment_value": "all", "status": status,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([], "no_exposures"),
        (make_persons(status="open"), "no_closed_window"),
        (make_persons(status="contaminated"), "no_closed_window"),
        (make_persons(variation_id="new"), "empty_group"),
        (make_persons(n=60), "too_few_persons"),
        (make_persons(experiment_id="another"), "no_exposures"),
    ],
    ids=["nobody", "open", "contaminated", "one group", "few", "another's"],
)
def test_what_cannot_be_read_says_why(rows: list[dict[str, Any]], status: str) -> None:
    (found,) = read(rows)
    assert found["status"] == status
    assert found["difference"] is found["decision"] is found["p_value"] is None
    assert experiments.daily(table(rows), **seeds()).num_rows == 0
    assert_no_segments(rows, status)
    checks = experiments.checks(table(rows), **seeds()).to_pylist()
    assert [row["check_name"] for row in checks] == list(CHECKED)
    if status == "no_exposures":
        assert {row["status"] for row in checks} == {"no_exposures"}


def test_a_lopsided_experiment_withholds_its_decision() -> None:
    rows = make_persons(n=800, lift=1.0)
    lopsided = [row for k, row in enumerate(rows) if row["variation_id"] == "old" or k % 4 == 1]
    (found,) = read(lopsided)
    assert (found["status"], found["decision"]) == ("sample_ratio_mismatch", "withheld")
    assert_no_segments(lopsided, "sample_ratio_mismatch")
    checks = experiments.checks(table(lopsided), **seeds()).to_pylist()
    assert checks[0]["status"] == "failed"
    assert checks[0]["observed"] == pytest.approx(1 / 3)
    asked_for = seeds(variations=(("old", 6667), ("new", 3333)))
    assert experiments.checks(table(lopsided), **asked_for).to_pylist()[0]["status"] == "passed"


def test_people_left_out_and_money_unknown_are_counted() -> None:
    rows = make_persons()
    for row in rows[:60]:
        row["status"] = "contaminated"
    rows[100] |= {"order_count": 2.0, "unvalued_order_count": 1.0}
    found = {
        row["check_name"]: row for row in experiments.checks(table(rows), **seeds()).to_pylist()
    }
    assert (found["contamination"]["status"], found["contamination"]["n_persons"]) == ("failed", 60)
    assert found["contamination"]["observed"] == pytest.approx(0.15)
    assert found["unknown_variation"]["status"] == "passed"
    assert found["unvalued_orders"]["status"] == "failed"
    assert found["unvalued_orders"]["n_persons"] == 1
    assert found["aa_false_alarms"]["status"] == "passed"
    (one,) = read(rows)
    assert one["n_control"] + one["n_treatment"] == 340


def test_aa_splits_fail_where_the_read_out_is_not_to_be_trusted() -> None:
    """Every person stands there five times: intervals are too narrow, and A/A splits tell."""
    rows = make_persons(n=200, seed=3)
    copies = [row for row in rows for _ in range(5)]
    settings = seeds() | {"params": {"aa_runs": 200}}
    found = experiments.checks(table(copies), **settings).to_pylist()
    assert found[-1]["status"] == "failed"
    assert found[-1]["observed"] > found[-1]["expected_high"]


def test_segments_are_corrected_for_their_number() -> None:
    rows = make_persons(n=1200, lift=0.0)
    for row in rows:
        if row["device_type"] == "mobile" and row["variation_id"] == "new":
            row["converted"] = 1.0
    found = experiments.segments(table(rows), **seeds()).to_pylist()
    named = {(row["segment"], row["segment_value"]): row for row in found}
    assert set(named) == {
        ("device_type", "desktop"), ("device_type", "mobile"), ("device_type", "unknown"),
        ("country", "DE"), ("visitor_kind", "new"), ("visitor_kind", "returning"),
    }  # fmt: skip
    mobile, desktop = named["device_type", "mobile"], named["device_type", "desktop"]
    assert mobile["corrected_p_value"] < 0.001 < desktop["corrected_p_value"]
    assert desktop["corrected_p_value"] > desktop["p_value"]
    assert mobile["heterogeneity_p_value"] < 0.001
    assert named["country", "DE"]["heterogeneity_p_value"] is None
    few = experiments.segments(table(make_persons(n=240)), **seeds(planned_persons=240)).to_pylist()
    assert {row["status"] for row in few if row["segment"] == "device_type"} == {"too_few_persons"}


def test_the_last_day_reads_what_the_read_out_reads() -> None:
    rows = make_persons()
    (read_out,) = read(rows)
    days = experiments.daily(table(rows), **seeds()).to_pylist()
    assert [row["read_date"] for row in days] == sorted({row["read_date"] for row in days})
    last = days[-1]
    assert (last["n_control"], last["n_treatment"]) == (200, 200)
    for name in ("difference", "sequential_low", "sequential_high"):
        assert last[name] == pytest.approx(read_out[name], abs=1e-12)


def test_the_fixed_read_out_is_made_once_and_stays() -> None:
    """Persons beyond the plan move the path by day, and not what was decided."""
    first = make_persons(n=400, seed=7)
    more = make_persons(n=900, seed=7, lift=3.0)[400:]
    (then,) = read(first)
    (later,) = read(first + more)
    assert then == later
    assert then["n_control"] + then["n_treatment"] == 400
    settings = seeds()
    assert experiments.segments(table(first), **settings).equals(
        experiments.segments(table(first + more), **settings)
    )
    days = experiments.daily(table(first + more), **settings).to_pylist()
    assert days[-1]["n_control"] + days[-1]["n_treatment"] == 900
    assert days[-1]["difference"] > then["difference"] + 0.1


def test_rows_in_another_order_give_the_same_bits() -> None:
    rows = make_persons(n=600, lift=0.2)
    backwards = list(reversed(rows))
    metrics = [("net_revenue", "primary", "up", None)]
    for verb, schema in (
        (experiments.readouts, READOUTS),
        (experiments.daily, DAILY),
        (experiments.segments, SEGMENT_ROWS),
        (experiments.checks, CHECKS),
    ):
        found = verb(table(rows), **seeds(metrics=metrics))
        assert found.schema == schema
        assert found.equals(verb(table(backwards), **seeds(metrics=metrics)))


def test_several_treatments_share_the_error() -> None:
    rows = make_persons(n=900)
    for k, row in enumerate(rows):
        row["variation_id"] = ("old", "new", "other")[k % 3]
    weights = (("old", 3334), ("new", 3333), ("other", 3333))
    found = read(rows, variations=weights)
    assert [row["variation_id"] for row in found] == ["new", "other"]
    assert {row["confidence_level"] for row in found} == {0.975}
    # All are of one country: its segment is the read-out itself.
    segments = experiments.segments(table(rows), **seeds(variations=weights)).to_pylist()
    whole = [row for row in segments if row["segment"] == "country"]
    assert [(row["diff_low"], row["diff_high"]) for row in whole] == [
        (row["diff_low"], row["diff_high"]) for row in found
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"control_variation_id": "none"}, "the control and at least one other"),
        ({"variations": (("old", 5000), ("new", 4000))}, "add up to 9000"),
        ({"planned_persons": 0}, "trasos experiment plan"),
        ({"metrics": [("bounce", "primary", "up", None)]}, "unknown metric 'bounce'"),
        ({"metrics": [("converted", "main", "up", None)]}, "role 'main'"),
        ({"metrics": [("converted", "secondary", "up", None)]}, "exactly one metric is primary"),
        ({"metrics": [("converted", "primary", "up", 0.1)]}, "needs a margin_share"),
        ({"metrics": [("converted", "primary", "up", None)] * 2}, "exactly one"),
    ],
)
def test_an_experiment_that_cannot_be_read_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read([], **settings)


def test_parameters_and_columns_are_checked() -> None:
    for params, said in (
        ({"alpha": 0}, "alpha is 0"),
        ({"level": 1}, "Unknown parameters"),
        ({"aa_runs": "many"}, "a number like 400"),
        ({"min_persons": 1.5}, "a number like 50"),
        ({"min_persons": 1}, "whole number from 2"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            experiments.readouts(table([]), **(seeds() | {"params": params}))
    with pytest.raises(InputError, match="lacks as_of"):
        experiments.readouts(table([]).drop(["as_of"]), **seeds())


def test_no_experiments_at_all_give_tables_without_rows() -> None:
    empty = {name: value.slice(0, 0) for name, value in seeds().items() if name != "params"}
    found = experiments.readouts(table(make_persons()), **empty, params={})
    assert found.num_rows == 0
    assert found.schema == READOUTS
