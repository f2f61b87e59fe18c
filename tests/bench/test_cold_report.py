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
    # Ends of the intervals: recall is no lower, and NDCG is higher beyond chance.
    assert of_recall["warm"]["recall"][2] > 0 and of_recall["warm"]["recall"][0] > 0
    assert of_ndcg["warm"]["ndcg"][1] > 0


@pytest.mark.parametrize(
    ("name", "part", "met", "missed"),
    [
        (RENTALS, "test", "**The aim is met.**", "**The aim is missed"),
        (EARLIER, "together", "**Earlier too.**", "**Not earlier.**"),
    ],
)
def test_the_page_says_whether_the_aim_is_met(name: str, part: str, met: str, missed: str) -> None:
    """More cold dresses, beyond what as many looks as there were could have found by chance."""
    found, page = read_results()[name][part], PAGE.read_text()
    best = hardest(found["means"], "cold", "recall")
    _, cold_low, _ = found["all_readings"]["hybrid_against"][best]["cold"]["recall"]
    best = hardest(found["means"], "warm", "recall")
    _, _, warm_high = found["hybrid_against"][best]["warm"]["recall"]
    is_met = cold_low > 0 and warm_high >= 0
    assert (met in page, missed in page) == (is_met, not is_met)
