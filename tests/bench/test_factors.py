"""The section on factors says what was measured, and says so when a target is missed."""

from __future__ import annotations

import numpy as np
import pytest

from bench.recommender.bulk import interactions
from bench.recommender.report import (
    LARGE,
    PAGE,
    TARGETS,
    Record,
    key_of,
    read_results,
    rendered,
    targets,
)


def measured(pairs: int = LARGE, **figures: object) -> Record:
    about = {"experiment": "training", "persons": 5, "products": 6, "pairs": pairs}
    ratios = {"ratio_iteration": 0.5, "ratio_scaled": 0.5, "ratio_equal_loss": 0.5}
    return {**about, **ratios, "bit_equal": True, **figures}


def verdicts(records: list[Record]) -> list[str]:
    return [row.split(" | ")[-1].removesuffix(" |") for row in targets(records).splitlines()[2:]]


def test_the_page_is_what_the_results_give() -> None:
    page = PAGE.read_text()
    assert rendered(page, read_results()) == page, (
        "run python -m bench.recommender.factors --render"
    )
    typed = page.replace("| yes |", "| **no** |")
    assert typed != page
    assert rendered(typed, read_results()) == page


def test_a_target_is_reached_up_to_its_very_border() -> None:
    assert verdicts([measured()])[:3] == ["yes"] * 3
    assert verdicts([measured(ratio_iteration=0.51)])[:2] == ["**no**", "yes"]


def test_speed_that_changes_bits_or_misses_the_loss_does_not_count() -> None:
    assert verdicts([measured(bit_equal=False)])[:3] == ["**no**"] * 3
    worse = {"cold": 1.0, "warm": 1.1}
    record = measured(experiment="retraining", ratio=0.1, losses=worse)
    assert verdicts([record])[3] == "**no**"
    assert verdicts([record | {"losses": {"cold": 1.0, "warm": 1.0}}])[3] == "yes"


def test_what_was_measured_too_small_or_not_at_all_is_no_verdict() -> None:
    assert verdicts([measured(LARGE - 1)]) == ["not measured yet"] * len(TARGETS)


def test_a_newer_record_takes_the_place_of_the_same_thing_measured_before() -> None:
    assert key_of(measured()) == key_of(measured(LARGE + 1, ratio_scaled=0.3))
    assert key_of(measured()) != key_of(measured(experiment="scoring"))


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- table: factor targets -->"):
        rendered("# What it costs", [])


def test_interactions_in_bulk_are_as_many_as_asked_for_skewed_and_the_same_each_time() -> None:
    matrix = interactions(3000, 600, 30_000)
    assert matrix.shape == (3000, 600) and matrix.nnz == 30_000
    assert matrix.has_canonical_format and matrix.data.min() > 0
    n_row, n_column = np.diff(matrix.indptr), np.bincount(matrix.indices, minlength=600)
    assert n_row.max() > 5 * np.median(n_row)
    assert n_column.max() > 5 * np.median(n_column)
    again = interactions(3000, 600, 30_000)
    assert np.array_equal(matrix.indices, again.indices)
    assert np.array_equal(matrix.data, again.data)
    assert not np.array_equal(matrix.indices, interactions(3000, 600, 30_000, seed=1).indices)
