"""The page of cold items says what was measured."""

from __future__ import annotations

import pytest

from bench.recommender.cold_report import (
    EARLIER,
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
def test_the_hybrid_shows_cold_dresses_where_clicks_alone_show_none(metric: str) -> None:
    results = read_results()
    test = results[RENTALS]["test"]
    for clicks_alone in ("popular", "covisitation", "als"):
        assert test["hybrid_against"][clicks_alone]["cold"][metric][1] > 0
    assert f"{test['means']['hybrid']['cold']['n_persons']:,}" in differences(results)


def test_the_hybrid_does_not_lose_warm_dresses_to_any_pure_model() -> None:
    results = read_results()
    test = results[RENTALS]["test"]
    of_recall = test["hybrid_against"][hardest(test["means"], "warm", "recall")]
    of_ndcg = test["hybrid_against"][hardest(test["means"], "warm", "ndcg")]
    # Recall beyond chance; by NDCG the difference is within it.
    assert of_recall["warm"]["recall"][1] > 0
    assert of_ndcg["warm"]["ndcg"][0] > 0


def test_the_page_says_what_earlier_splits_gave() -> None:
    together = read_results()[EARLIER]["together"]
    rival = hardest(together["means"], "cold", "recall")
    is_won = together["hybrid_against"][rival]["cold"]["recall"][1] > 0
    assert ("not shown to find more cold dresses" in PAGE.read_text()) != is_won


def test_the_page_claims_no_win_on_cold_dresses_that_chance_could_have_made() -> None:
    test = read_results()[RENTALS]["test"]
    rival = hardest(test["means"], "cold", "recall")
    is_won = test["hybrid_against"][rival]["cold"]["recall"][1] > 0
    assert ("aim is missed on cold dresses" in PAGE.read_text()) != is_won
