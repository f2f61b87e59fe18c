from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from tests.model_runs.conftest import BASE
from trasos.errors import ConfigurationError, NotReadyError
from trasos.model_runs.compare import compare
from trasos.model_runs.judging import METRICS
from trasos.model_runs.objective import Objective
from trasos.model_runs.records import Run, keep
from trasos.model_runs.tables import comparison_tables
from trasos.recommender.bootstrap import normal_interval

N = 400
WARM = np.arange(N) % 4 > 0
PLAIN = Run(
    experiment="hand",
    number=1,
    held_out="test",
    status="done",
    error=None,
    parameters=replace(BASE, bootstrap_resamples=2000).to_json(),
    changed={},
    data_snapshot="same",
    code_version="any",
    objective=Objective(),
    started_at="2026-01-01T00:00:00+00:00",
    cpu_seconds=1.0,
    peak_memory_bytes=1,
    ground="same",
    split_at=0,
    judged_through=1,
    n_persons=N,
    tuning={},
)


def put(artefacts: Path, run: Run, ndcg: np.ndarray, recall: np.ndarray | None = None) -> None:
    """Keep a run whose persons got these values."""
    own = {"ndcg@10": ndcg, "recall@20": ndcg if recall is None else recall}
    values = {
        "position": pa.array(np.arange(len(ndcg), dtype=np.int32)),
        "slice.all": pa.array(np.ones(len(ndcg), bool)),
        "slice.warm": pa.array(WARM[: len(ndcg)]),
        **{name: pa.array(column) for name, column in own.items()},
    }
    coverage = {
        "model": "blend",
        "slice": "warm",
        "metric": "coverage",
        "k": 20,
        "value": 0.25 * run.number,
        "ci_low": None,
        "ci_high": None,
        "n_persons": int(WARM.sum()),
    }
    keep(artefacts, run, pa.Table.from_pylist([coverage], schema=METRICS), pa.table(values))


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(5).uniform(0, 1, N)


def second(**changes: object) -> Run:
    return replace(PLAIN, number=2, changed={"als_factors": 4}, **changes)  # type: ignore[arg-type]


def test_a_planted_difference_is_found_in_spite_of_wide_spread(
    tmp_path: Path, values: np.ndarray
) -> None:
    """Persons differ by far more than the runs: only pairing shows it."""
    noise = np.random.default_rng(6).normal(0, 0.02, N)
    put(tmp_path, PLAIN, values)
    put(tmp_path, second(), values + 0.01 + noise, values)
    found = compare(tmp_path, "hand-002", "hand-001")
    by_name = {(each.slice, each.metric): each for each in found.differences}
    warm = by_name["warm", "ndcg@10"]
    expected = (0.01 + noise)[WARM]
    assert warm.value == pytest.approx(expected.mean())
    low, high = normal_interval(expected[:, None], 0.95)
    assert warm.low == pytest.approx(low[0], abs=4e-4)
    assert warm.high == pytest.approx(high[0], abs=4e-4)
    assert warm.is_shown and warm.n_persons == 300
    assert by_name["all", "ndcg@10"].n_persons == N
    assert not by_name["warm", "recall@20"].is_shown
    assert found.words[0].startswith("hand-002 is better than hand-001: NDCG@10 0.5")
    assert compare(tmp_path, "hand-001", "hand-002").words[0].startswith("hand-001 is worse than")
    lists = by_name["warm", "coverage@20"]
    assert (lists.value, lists.low, lists.is_shown) == (0.25, None, False)


def test_noise_is_no_difference(tmp_path: Path, values: np.ndarray) -> None:
    noise = np.random.default_rng(7).normal(0, 0.2, N)
    put(tmp_path, PLAIN, values)
    put(tmp_path, second(), values + noise - noise[WARM].mean())
    words = compare(tmp_path, "hand-001", "hand-002").words
    assert words[0].startswith("No difference is shown: NDCG@10")
    assert "includes zero" in words[0] and "less than about 0.02" in words[0]


def test_the_same_lists_are_told_as_the_same(tmp_path: Path, values: np.ndarray) -> None:
    put(tmp_path, PLAIN, values)
    put(tmp_path, second(), values)
    (words,) = compare(tmp_path, "hand-001", "hand-002").words
    assert words.startswith("Both gave every person the same: NDCG@10")


def test_few_persons_are_no_verdict(tmp_path: Path, values: np.ndarray) -> None:
    put(tmp_path, PLAIN, values[:20])
    put(tmp_path, second(), values[:20] + 1)
    (words,) = compare(tmp_path, "hand-002", "hand-001").words
    assert words.startswith("No verdict") and "15 person(s), at least 30 are needed" in words


def test_the_best_of_many_on_the_same_days_is_said_to_flatter(
    tmp_path: Path, values: np.ndarray
) -> None:
    for number in (1, 2, 3):
        run = replace(PLAIN, number=number, held_out="validation")
        put(tmp_path, run, values + number)
    words = compare(tmp_path, "hand-003", "hand-001").words
    assert "3 configurations were tried on these very days" in words[1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data_snapshot": "other"}, r"different data \(same and other\)"),
        ({"held_out": "validation"}, "hand-001 was judged on the test days, hand-002 on the valid"),
        ({"ground": "other"}, "other persons or products were judged"),
        ({"objective": Objective(model="als")}, "one kept what persons got of blend"),
    ],
)
def test_what_was_not_judged_alike_is_refused(
    tmp_path: Path, values: np.ndarray, changes: dict[str, object], said: str
) -> None:
    put(tmp_path, PLAIN, values)
    put(tmp_path, second(**changes), values)
    with pytest.raises(ConfigurationError, match=f"hand-002 cannot be compared.*{said}"):
        compare(tmp_path, "hand-001", "hand-002")


def test_what_failed_or_is_the_same_is_refused(tmp_path: Path, values: np.ndarray) -> None:
    put(tmp_path, PLAIN, values)
    keep(tmp_path, second(status="failed", error="Too much."), None, None)
    with pytest.raises(NotReadyError, match=r"hand-002 failed.*Too much"):
        compare(tmp_path, "hand-001", "hand-002")
    with pytest.raises(ConfigurationError, match="the same run twice"):
        compare(tmp_path, "hand-001", "hand-001")


def test_the_tables_say_what_was_found(tmp_path: Path, values: np.ndarray) -> None:
    put(tmp_path, PLAIN, values)
    put(tmp_path, second(), values + 0.125)
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(comparison_tables(compare(tmp_path, "hand-002", "hand-001")))
    text = console.export_text()
    assert text.index("300 persons of the slice 'warm'") < text.index("400 persons of the slice")
    assert "+0.1250   [+0.1250, +0.1250]" in text
    assert "Of 4 intervals about 0 leave out zero" in text
