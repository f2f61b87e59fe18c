"""What an evaluation says in words; every sentence follows from an interval."""

from __future__ import annotations

from typing import Any

from trasos.recommender.params import RecommenderParams

METRIC, K, SLICE = "ndcg", 10, "warm"
MIN_PERSONS = RecommenderParams().min_persons
LABEL = f"{METRIC.upper()}@{K}"
SERVED = {"blend": "blend", "ranked": "ranker"}
SPOKEN = {
    "popular": "popularity",
    "popular_in_department": "popularity within a department",
    "chance_in_department": "chance within a department",
}


def verdict(evaluation: Any, min_persons: int = MIN_PERSONS) -> str:
    """Say whether what is served is worth it, on NDCG@10 over persons with history.

    Args:
        evaluation: ``pyarrow.Table`` of the rows of one evaluation, as ``evaluate.ROWS``; of an
            older release, which had no ``is_served``, the blend was served.
        min_persons: below this many no verdict is spoken.

    Returns:
        One to three sentences, one a line.
    """
    rows = {row["baseline"]: row for row in _headline(evaluation)}
    if not rows:
        return (
            "No verdict: the log is too short to hold out a test, or nobody with history came back "
            "in it."
        )
    n_persons = rows["popular"]["n_persons"]
    if n_persons < min_persons:
        return (
            f"No verdict: {n_persons:,} person(s) with history came back in the test, at least "
            f"{min_persons:,} are needed."
        )
    name = SERVED[rows["popular"]["model"]]
    return "\n".join([_against_popularity(rows["popular"], name), _beyond_chance(rows, name)])


def _headline(evaluation: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        row
        for row in evaluation.to_pylist()
        if (row["slice"], row["metric"], row["k"]) == (SLICE, METRIC, K) and is_served(row)
    ]
    return found


def served_model(evaluation: Any) -> str:
    """Name of the model that answers persons with history; of an evaluation without rows, blend."""
    names = sorted({row["model"] for row in evaluation.to_pylist() if is_served(row)})
    return names[0] if names else "blend"


def is_served(row: dict[str, Any]) -> bool:
    """Whether a row of an evaluation is about the model that answers persons with history."""
    said = row.get("is_served")
    return row["model"] == "blend" if said is None else bool(said)


def _against_popularity(row: dict[str, Any], name: str) -> str:
    if row["diff_low"] > 0:
        opening = f"The {name} beats popularity"
    elif row["diff_high"] < 0:
        opening = f"The {name} is worse than popularity"
    else:
        opening = f"No evidence that the {name} beats popularity"
    return f"{opening}: {_numbers(row)}{_tail(row)}."


def _beyond_chance(rows: dict[str, dict[str, Any]], name: str) -> str:
    """Both baselines within the department must be beaten before taste is claimed."""
    both = [rows["chance_in_department"], rows["popular_in_department"]]
    for row in both:
        if row["diff_low"] <= 0:
            return (
                "No evidence that the model finds anything beyond chance within a department: "
                f"against {SPOKEN[row['baseline']]} {_numbers(row)}{_tail(row)}."
            )
    return "\n".join(
        f"The {name} beats {SPOKEN[row['baseline']]}: {_numbers(row)}." for row in both
    )


def _numbers(row: dict[str, Any]) -> str:
    against = row["value"] - row["difference"]
    return (
        f"{LABEL} {row['value']:.4f} against {against:.4f}, difference {row['difference']:+.4f} "
        f"[{row['diff_low']:.4f}, {row['diff_high']:.4f}] over {row['n_persons']:,} persons"
    )


def _tail(row: dict[str, Any]) -> str:
    if row["diff_low"] <= 0 <= row["diff_high"]:
        return "; the interval includes zero"
    return "; the interval lies below zero" if row["diff_high"] < 0 else ""
