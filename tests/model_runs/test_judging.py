from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from tests.model_runs.conftest import BASE
from tests.model_runs.deadly import Deadly
from tests.recommender.factory import Shop, interactions_table, products_table
from trasos.errors import ConfigurationError, NotReadyError
from trasos.model_runs.judging import METRICS, Judged, judge_configuration
from trasos.model_runs.objective import TEST, VALIDATION, Objective
from trasos.model_runs.worker import Task, attempt
from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.evaluate import evaluate


@pytest.fixture(scope="module")
def judged(log: InteractionLog, catalogue: Catalogue) -> Judged:
    return judge_configuration(log, catalogue, BASE, VALIDATION, Objective())


def test_the_validation_days_end_where_the_test_begins(judged: Judged, log: InteractionLog) -> None:
    test_at = log.last_at + 1 - BASE.test_days * SECONDS_A_DAY
    assert judged.judged_through < test_at
    assert judged.split_at == judged.judged_through + 1 - BASE.validation_days * SECONDS_A_DAY


def test_nothing_of_the_test_is_seen(
    judged: Judged, shop: Shop, log: InteractionLog, catalogue: Catalogue
) -> None:
    """Every day of the test is another one: no figure and no person's value moves."""
    at = shop.interactions["event_at"].cast(pa.int64()).to_numpy() // 1_000_000
    test_at = log.last_at + 1 - BASE.test_days * SECONDS_A_DAY
    late = (at >= test_at) & (at < log.last_at)
    assert late.sum() > 100
    turn = np.random.default_rng(3)
    columns = {}
    for name in ("person_id", "product_id"):
        values = shop.interactions[name].to_numpy(zero_copy_only=False).copy()
        values[late] = turn.permutation(values)[: late.sum()]
        columns[name] = pa.array(values)
    changed = shop.interactions
    for name, values in columns.items():
        changed = changed.set_column(changed.column_names.index(name), name, values)
    other = InteractionLog.from_arrow(changed, catalogue)
    again = judge_configuration(other, catalogue, BASE, VALIDATION, Objective())
    assert again.metrics.equals(judged.metrics)
    assert again.values.equals(judged.values)
    assert again.tuning == judged.tuning
    tests = [judge_configuration(each, catalogue, BASE, TEST, Objective()) for each in (log, other)]
    assert not tests[0].metrics.equals(tests[1].metrics)


def test_the_test_is_judged_as_every_version_is(log: InteractionLog, catalogue: Catalogue) -> None:
    found = judge_configuration(log, catalogue, BASE, TEST, Objective())
    rows = {
        tuple(row[name] for name in METRICS.names)
        for row in evaluate(log, catalogue, BASE).rows.to_pylist()
    }
    assert {tuple(row.values()) for row in found.metrics.to_pylist()} == rows


def test_means_of_what_persons_got_are_the_figures(judged: Judged) -> None:
    warm = judged.values["slice.warm"].to_numpy(zero_copy_only=False)
    assert 20 < warm.sum() <= judged.n_persons == judged.values.num_rows
    for row in judged.metrics.to_pylist():
        name = f"{row['metric']}@{row['k']}"
        if (row["model"], row["slice"]) == ("blend", "warm") and row["ci_low"] is not None:
            own = judged.values[name].to_numpy()[warm]
            assert own.mean() == pytest.approx(row["value"], abs=1e-12)
    assert judged.values["position"].to_pylist() == list(range(judged.n_persons))


def test_values_hold_no_id(judged: Judged, shop: Shop) -> None:
    kinds = {str(field.type) for field in judged.values.schema}
    assert kinds == {"int32", "bool", "double"}


def test_the_ground_follows_who_is_judged_on_what(
    judged: Judged, log: InteractionLog, catalogue: Catalogue
) -> None:
    def ground(**changes: object) -> str:
        params = replace(BASE, **changes)  # type: ignore[arg-type]
        return judge_configuration(log, catalogue, params, VALIDATION, Objective()).ground

    assert ground(als_factors=4, half_life_days=5.0) == judged.ground
    assert ground(validation_days=10) != judged.ground
    on_test = judge_configuration(log, catalogue, BASE, TEST, Objective())
    assert on_test.ground != judged.ground


def test_what_cannot_be_judged_says_why(log: InteractionLog, catalogue: Catalogue) -> None:
    with pytest.raises(ConfigurationError, match=r"No model 'oracle'.*popular.*blend"):
        judge_configuration(log, catalogue, BASE, VALIDATION, Objective(model="oracle"))
    with pytest.raises(ConfigurationError, match=r"slice 'rich'; there are: all, warm"):
        judge_configuration(log, catalogue, BASE, VALIDATION, Objective(slice="rich"))
    small = Catalogue.from_arrow(products_table(5))
    rows = [("a", f"p0000{day}", "s", "product_viewed", float(day)) for day in range(4)]
    short = InteractionLog.from_arrow(interactions_table(rows), small)
    with pytest.raises(NotReadyError, match="14 days of test and 14 of validation leave nothing"):
        judge_configuration(short, small, BASE, VALIDATION, Objective())


def test_a_process_of_its_own_gives_the_same_and_tells_its_cost(
    judged: Judged, log: InteractionLog, catalogue: Catalogue
) -> None:
    done = attempt(Task(log, catalogue, BASE, VALIDATION, Objective()))
    assert done.error is None and done.judged is not None
    assert done.judged.metrics.equals(judged.metrics)
    assert done.judged.values.equals(judged.values)
    assert done.cpu_seconds is not None and 0 < done.cpu_seconds < 60
    assert done.peak_memory_bytes is not None and 30e6 < done.peak_memory_bytes < 3e9


def test_a_process_that_is_killed_is_told_of(log: InteractionLog, catalogue: Catalogue) -> None:
    done = attempt(Task(log, catalogue, Deadly(), VALIDATION, Objective()))  # type: ignore[arg-type]
    assert done.judged is None
    assert done.error == ("Its process was ended by SIGKILL: mostly the system's memory ran out.")


def test_an_error_in_the_process_is_told_with_its_place(log: InteractionLog) -> None:
    done = attempt(Task(log, None, BASE, VALIDATION, Objective()))  # type: ignore[arg-type]
    assert done.judged is None and done.error is not None
    assert done.error.startswith("AttributeError at versions.py:")
    assert done.cpu_seconds is not None
