from typing import Any

import pyarrow as pa
import pytest

from trasos.recommender.evaluate import BASELINES, ROWS
from trasos.recommender.verdict import verdict

Interval = tuple[float, float, float]


def result(
    popular: Interval,
    in_department: Interval,
    chance: Interval,
    n: int = 1234,
    served: str = "blend",
) -> Any:
    rows = [
        {
            "model": model,
            "slice": "warm",
            "metric": "ndcg",
            "k": 10,
            "value": 0.0412,
            "ci_low": 0.038,
            "ci_high": 0.044,
            "n_persons": n,
            "baseline": baseline,
            "difference": difference,
            "diff_low": low,
            "diff_high": high,
            "is_served": model == served,
        }
        for model in ("als", "blend", "ranked")
        for baseline, (low, difference, high) in zip(
            BASELINES, (popular, in_department, chance), strict=True
        )
    ]
    return pa.Table.from_pylist(rows, schema=ROWS)


ABOVE, ACROSS, BELOW = (0.017, 0.0202, 0.023), (-0.001, 0.002, 0.004), (-0.03, -0.02, -0.01)


def test_a_win_over_all_three() -> None:
    said = verdict(result(ABOVE, ABOVE, ABOVE)).split("\n")
    assert said[0] == (
        "The blend beats popularity: NDCG@10 0.0412 against 0.0210, "
        "difference +0.0202 [0.0170, 0.0230] over 1,234 persons."
    )
    assert said[1].startswith("The blend beats chance within a department: ")
    assert said[2].startswith("The blend beats popularity within a department: ")


@pytest.mark.parametrize(
    ("in_department", "chance", "tail"),
    [
        (ABOVE, ACROSS, "the interval includes zero."),
        (ACROSS, ABOVE, "the interval includes zero."),
        (BELOW, ABOVE, "the interval lies below zero."),
        ((0.0, 0.0, 0.0), ABOVE, "the interval includes zero."),
    ],
)
def test_no_evidence_unless_both_baselines_of_the_department_are_beaten(
    in_department: Interval, chance: Interval, tail: str
) -> None:
    said = verdict(result(ABOVE, in_department, chance)).split("\n")
    assert len(said) == 2
    assert said[1].startswith(
        "No evidence that the model finds anything beyond chance within a department: "
    )
    assert said[1].endswith(tail)


def test_against_popularity_the_interval_decides() -> None:
    assert verdict(result(ACROSS, ABOVE, ABOVE)).startswith("No evidence that the blend beats pop")
    assert verdict(result(BELOW, ABOVE, ABOVE)).startswith("The blend is worse than popularity")


def test_few_persons_or_none_give_no_verdict() -> None:
    assert verdict(result(ABOVE, ABOVE, ABOVE, n=29)).startswith("No verdict: 29 person(s)")
    assert verdict(result(ABOVE, ABOVE, ABOVE, n=29), min_persons=29).startswith("The blend beats")
    assert verdict(ROWS.empty_table()).startswith("No verdict: the log is too short")


def test_it_is_about_what_is_served() -> None:
    said = verdict(result(ABOVE, ABOVE, ABOVE, served="ranked")).split("\n")
    assert len(said) == 3 and all(line.startswith("The ranker beats") for line in said)


def test_an_evaluation_of_an_older_release_is_about_the_blend() -> None:
    table = result(ABOVE, ABOVE, ABOVE, served="ranked")
    nothing = pa.nulls(table.num_rows, pa.bool_())
    at = table.column_names.index("is_served")
    for older in (table.drop_columns(["is_served"]), table.set_column(at, "is_served", nothing)):
        assert verdict(older).startswith("The blend beats popularity")
