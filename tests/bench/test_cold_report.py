"""The page of cold items says what was measured, and what was measured meets its target."""

from __future__ import annotations

import pytest

from bench.recommender.cold_report import (
    PAGE,
    RENTALS,
    differences,
    hardest,
    read_results,
    rendered,
)


def test_the_page_is_what_the_results_give() -> None:
    page = PAGE.read_text()
    assert rendered(page, read_results()) == page, (
        "run python -m bench.recommender.rent_the_runway --render"
    )


def test_a_figure_typed_by_hand_is_found() -> None:
    page, results = PAGE.read_text(), read_results()
    figure = f"{results[RENTALS]['test']['means']['hybrid']['cold']['recall']:.4f}"
    typed = page.replace(figure, "0.9999")
    assert typed != page
    assert rendered(typed, results) == page


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- table: rentals -->"):
        rendered("# Cold", read_results())


@pytest.mark.parametrize("metric", ["recall", "ndcg"])
def test_the_hybrid_beats_the_best_pure_model_on_cold_and_keeps_warm(metric: str) -> None:
    results = read_results()
    test = results[RENTALS]["test"]
    rival = hardest(results, "test", "cold", metric)
    assert test["hybrid_against"][rival]["cold"][metric][1] > 0
    rival = hardest(results, "test", "warm", metric)
    mean, low, high = test["hybrid_against"][rival]["warm"][metric]
    best = test["means"][rival]["warm"][metric]
    assert low > -0.01 * best or (low <= 0 <= high and mean > -0.005 * best)
    assert f"{test['means']['hybrid']['cold']['n_persons']:,}" in differences(results)
