"""The page of costs says what was measured, and says so when a target is missed."""

from __future__ import annotations

import pytest

from bench.events.report import (
    PAGE,
    TARGETS,
    Record,
    comparable,
    key_of,
    read_results,
    rendered,
    targets,
)


def full_build(dbt: float, plain: float, events: int = 10_000_000) -> Record:
    return {
        "experiment": "full",
        "events": events,
        "dbt": {"cpu_s": dbt},
        "plain": {"cpu_s": plain},
    }


def history(days: int, full: float, day: float) -> Record:
    return {
        "experiment": "increments",
        "history_days": days,
        "history_events": days * 166_000,
        "full": {"cpu_s": full},
        "batches": [{"dbt": {"cpu_s": day}, "engine": {"cpu_s": day / 2}}],
    }


def test_the_page_is_what_the_results_give() -> None:
    page = PAGE.read_text()
    assert rendered(page, read_results()) == page, "run python -m bench.events --render"


def test_a_verdict_typed_by_hand_is_found() -> None:
    page, records = PAGE.read_text(), read_results()
    typed = page.replace("| met |", "| **missed** |")
    assert typed != page
    assert rendered(typed, records) == page


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- table: targets -->"):
        rendered("# What it costs", [])


@pytest.mark.parametrize(("plain", "verdict"), [(100.0, "met"), (99.0, "**missed**")])
def test_a_target_is_met_up_to_its_very_border(plain: float, verdict: str) -> None:
    row = targets([full_build(125.0, plain)]).splitlines()[2]
    assert row.endswith(f"| 1.25 | {verdict} |")


def test_a_day_is_judged_against_the_full_build_and_against_a_longer_history() -> None:
    rows = targets([history(60, 200.0, 11.0), history(240, 800.0, 13.0)]).splitlines()
    assert [row.split(" | ")[1:] for row in rows if "one new day" in row] == [
        ["0.055", "0.05", "**missed** |"],
        ["0.028", "0.05", "met |"],
        ["1.18", "1.2", "met |"],
        ["1.18", "1.2", "met |"],
    ]


def test_histories_of_larger_days_are_judged_but_not_compared_with_smaller_ones() -> None:
    larger = history(60, 2000.0, 60.0) | {"history_events": 100_000_000}
    records = [history(60, 200.0, 11.0), history(240, 800.0, 13.0), larger]
    rows = [row for row in targets(records).splitlines() if "one new day" in row]
    assert [row.split(" | ")[1] for row in rows] == [
        "0.055",
        "0.028",
        "0.030",
        "0.015",
        "1.18",
        "1.18",
    ]
    assert larger not in comparable(records)


def test_what_was_measured_too_small_or_not_at_all_is_no_verdict() -> None:
    small = [full_build(2, 1, 1_000_000), history(60, 10.0, 9.0) | {"history_events": 1_000_000}]
    assert targets(small).count("not measured yet |") == len(TARGETS)


def test_a_newer_record_takes_the_place_of_the_same_thing_measured_before() -> None:
    older, newer = full_build(2, 1, 10_003_000), full_build(3, 1, 9_998_000)
    assert key_of(older) == key_of(newer) != key_of(full_build(2, 1, 1_000_000))
