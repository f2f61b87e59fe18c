from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.model_runs.conftest import BASE, Make, at_once
from trasos import model_runs
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.model_runs import experiment as module
from trasos.model_runs.experiment import SearchParams
from trasos.model_runs.objective import Objective
from trasos.model_runs.records import (
    RUNS,
    TABLE,
    VALUES,
    Kept,
    check_name,
    experimenting,
    find,
    kept_runs,
    next_number,
    read_values,
)
from trasos.model_runs.space import Choice, Range, Space
from trasos.model_runs.worker import Attempt, Task

SPACE = Space({"als_alpha": Range(2, 40, None, True, False)}, {"covisitation_window": 5})
THREE = SearchParams(trials=3, startup_trials=1)


def figures(runs: list[Kept]) -> list[float]:
    return [row["value"] for kept in runs if (row := kept.figure()) is not None]


def test_the_base_comes_first_and_each_run_is_kept(make: Make, quick: None) -> None:
    experiment = make()
    told: list[tuple[str, bool]] = []
    runs = replace(experiment, tell=lambda kept, found: told.append((kept.run.run_id, found))).run(
        SPACE, THREE
    )
    assert [kept.run.run_id for kept in runs] == [f"try-00{number}" for number in range(1, 5)]
    assert told == [(f"try-00{number}", False) for number in range(1, 5)]
    assert runs[0].run.changed == {} and runs[0].run.parameters == BASE.to_json()
    for kept in runs[1:]:
        assert set(kept.run.changed) == {"als_alpha", "covisitation_window"}
        assert json.loads(kept.run.parameters)["als_alpha"] == kept.run.changed["als_alpha"]
    assert len({kept.run.ground for kept in runs}) == 1
    assert {kept.run.data_snapshot for kept in runs} == {experiment.snapshot}
    assert experiment.best().figure()["value"] == max(figures(runs))
    again = kept_runs(experiment.artefacts, "try")
    assert [kept.run for kept in again] == [kept.run for kept in runs]


def test_the_same_call_again_computes_nothing(
    make: Make, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make().run(SPACE, THREE)
    monkeypatch.setattr(module, "attempt", lambda task: pytest.fail("computed again"))
    assert [kept.run for kept in make().run(SPACE, THREE)] == [kept.run for kept in first]


def test_one_more_trial_goes_on_from_there(make: Make, quick: None) -> None:
    first = make().run(SPACE, THREE)
    more = make().run(SPACE, replace(THREE, trials=4))
    assert [kept.run for kept in more[:4]] == [kept.run for kept in first]
    assert more[4].run.number == 5


def test_the_same_seed_tries_the_same_and_gets_the_same(
    make: Make, quick: None, tmp_path: Path
) -> None:
    one = make().run(SPACE, THREE)
    two = make(artefacts=tmp_path / "elsewhere").run(SPACE, THREE)
    assert [kept.run.parameters for kept in one] == [kept.run.parameters for kept in two]
    assert all(a.metrics.equals(b.metrics) for a, b in zip(one, two, strict=True))
    other = make("other").run(SPACE, replace(THREE, seed=8))
    assert other[1].run.parameters != one[1].run.parameters


def test_a_failed_trial_is_recorded_and_the_search_goes_on(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def second_dies(task: Task) -> Attempt:
        if len(kept_runs(experiment.artefacts)) == 1:
            return Attempt(None, "Its process was ended by SIGKILL.", None, None)
        return at_once(task)

    monkeypatch.setattr(module, "attempt", second_dies)
    experiment = make()
    runs = experiment.run(SPACE, THREE)
    assert [kept.run.status for kept in runs] == ["done", "failed", "done", "done"]
    failed = find(experiment.artefacts, "try-002")
    assert failed.run.error == "Its process was ended by SIGKILL."
    assert failed.metrics.num_rows == 0 and failed.figure() is None
    rows = [row for row in model_runs.table(experiment.artefacts).to_pylist()]
    (row,) = [row for row in rows if row["run_id"] == "try-002"]
    assert (row["status"], row["metric"], row["cpu_seconds"]) == ("failed", None, None)
    # What failed for want of memory is tried again, under another number.
    monkeypatch.setattr(module, "attempt", at_once)
    assert make().run(SPACE, THREE)[1].run.number == 5


def test_who_ends_it_leaves_a_record(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(task: Task) -> Attempt:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "attempt", ended)
    experiment = make()
    with pytest.raises(KeyboardInterrupt):
        experiment.run(SPACE, THREE)
    (kept,) = kept_runs(experiment.artefacts)
    assert (kept.run.status, kept.run.error) == ("failed", "Somebody ended the experiment.")
    with pytest.raises(NotReadyError, match="No run of try was done"):
        experiment.best()


def test_one_configuration_beside_the_base(make: Make, quick: None) -> None:
    runs = make().run(Space({}, {"als_factors": 4}), SearchParams())
    assert [kept.run.changed for kept in runs] == [{}, {"als_factors": 4}]
    assert [kept.run.changed for kept in make("base").run(Space({}, {}), SearchParams())] == [{}]


def test_a_choice_of_two_is_tried_twice_at_most(make: Make, quick: None) -> None:
    space = Space({"als_factors": Choice((4, 6))}, {})
    runs = make().run(space, SearchParams(trials=6, startup_trials=6))
    assert len(runs) == 3


def test_the_test_is_looked_at_with_one_configuration(make: Make, quick: None) -> None:
    experiment = make()
    runs = experiment.run(Space({}, {"als_factors": 4}), SearchParams())
    looked = experiment.test(runs[1])
    assert [(kept.run.held_out, kept.run.changed) for kept in looked] == [
        ("test", {}),
        ("test", {"als_factors": 4}),
    ]
    assert [kept.run for kept in experiment.test(runs[1])] == [kept.run for kept in looked]
    assert len(experiment.test(runs[0])) == 1
    more = experiment.run(Space({}, {"als_factors": 6}), SearchParams())
    with pytest.raises(ConfigurationError, match=r"looked at the test days.*try-004.*no test any"):
        experiment.test(more[1])
    assert make("another").looks() == 2
    # Runs on the test are no candidates.
    assert experiment.best().run.held_out == "validation"


def test_other_days_are_another_ground(make: Make, quick: None) -> None:
    """A base that is judged otherwise finds nothing of what the same name has kept."""
    first = make().run(Space({}, {}), SearchParams())
    other = make(base=replace(BASE, validation_days=10))
    assert other.run(Space({}, {}), SearchParams())[0].run.number == 2
    assert other.best().run.number == 2 and first[0].run.number == 1


def test_another_figure_reads_the_same_runs(make: Make, quick: None) -> None:
    make().run(SPACE, THREE)
    recall = make(objective=Objective.parse("recall@20", "all"))
    best = recall.best().figure(recall.objective)
    runs = kept_runs(recall.artefacts)
    assert best["value"] == max(kept.figure(recall.objective)["value"] for kept in runs)
    with pytest.raises(ConfigurationError, match="no metric 'coverage@20'; one of recall@20"):
        Objective.parse("coverage@20")


def test_names_and_numbers_lead_to_runs(make: Make, quick: None) -> None:
    experiment = make("a-2")
    experiment.run(Space({}, {}), SearchParams())
    assert find(experiment.artefacts, "a-2-001").run.experiment == "a-2"
    assert next_number(experiment.artefacts, "a-2") == 2
    for wrong in ("a-2-002", "a-2", "b-001", "../a-2-001"):
        with pytest.raises(NotReadyError, match="There is no run"):
            find(experiment.artefacts, wrong)
    for wrong in ("", "A", "../x", "a b", "-a", "a" * 60):
        with pytest.raises(ConfigurationError, match="names no experiment"):
            check_name(wrong)


def test_one_experiment_at_a_time(make: Make, quick: None) -> None:
    experiment = make()
    with (
        experimenting(experiment.artefacts),
        pytest.raises(NotReadyError, match="Another process is running an experiment"),
    ):
        experiment.run(SPACE, THREE)
    assert experiment.run(Space({}, {}), SearchParams())


def test_a_damaged_run_is_named_and_values_may_go(make: Make, quick: None) -> None:
    experiment = make()
    (kept,) = experiment.run(Space({}, {}), SearchParams())
    values = experiment.artefacts / VALUES / "try" / "001"
    assert read_values(experiment.artefacts, kept.run).num_rows == kept.run.n_persons
    for path in values.iterdir():
        path.unlink()
    values.rmdir()
    with pytest.raises(NotReadyError, match="goes when somebody is forgotten"):
        read_values(experiment.artefacts, kept.run)
    assert model_runs.table(experiment.artefacts).num_rows == kept.metrics.num_rows
    assert next_number(experiment.artefacts, "try") == 2
    damaged = experiment.artefacts / RUNS / "try" / "001" / "metrics.parquet"
    damaged.chmod(0o644)
    damaged.write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"001 is damaged \(metrics.parquet is not what was"):
        kept_runs(experiment.artefacts)


def test_without_runs_there_is_an_empty_table(tmp_path: Path) -> None:
    table = model_runs.table(tmp_path / "artefacts")
    assert table.schema == TABLE and table.num_rows == 0
