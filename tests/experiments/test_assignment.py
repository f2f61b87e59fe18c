"""The hash is a contract with the serving side: golden answers, and shares as asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trasos.errors import ConfigurationError
from trasos.experiments.assignment import BUCKETS, Allocation, bucket, buckets
from trasos.experiments.sample_ratio import sample_ratio

VECTORS = json.loads(
    (Path(__file__).parent / "assignment_vectors.json").read_text(encoding="utf-8")
)
HALVES = (("control", 5000), ("treatment", 5000))


@pytest.mark.parametrize("case", VECTORS["buckets"], ids=lambda case: case["unit_id"] or "empty")
def test_buckets_are_those_of_the_golden_vectors(case: dict[str, str | int]) -> None:
    assert bucket(str(case["salt"]), str(case["unit_id"])) == case["bucket"]


@pytest.mark.parametrize("case", VECTORS["allocations"], ids=lambda case: case["salt"])
def test_variations_are_those_of_the_golden_vectors(case: dict[str, object]) -> None:
    weights = tuple((name, weight) for name, weight in case["weights"])
    allocation = Allocation(str(case["salt"]), weights, int(str(case["traffic"])))
    units = dict(case["units"])
    assert {unit: allocation.variation(unit) for unit in units} == units


def test_the_vectors_say_every_answer_there_is() -> None:
    """Else a client that always said control would pass."""
    said = [set(dict(case["units"]).values()) for case in VECTORS["allocations"]]
    wanted = [{name for name, _ in case["weights"]} for case in VECTORS["allocations"]]
    assert all(names <= found for names, found in zip(wanted, said, strict=True))
    assert any(None in found for found in said)


def test_the_first_eight_bytes_are_a_number_without_sign() -> None:
    """By hand: sha256 of 's:u' as any tool gives it."""
    import hashlib

    digest = hashlib.sha256(b"s:u").hexdigest()
    assert bucket("s", "u") == int(digest[:16], 16) % 10_000


@given(st.text(), st.text())
def test_any_text_has_a_bucket(salt: str, unit: str) -> None:
    try:
        f"{salt}:{unit}".encode()
    except UnicodeEncodeError:
        return
    assert 0 <= bucket(salt, unit) < BUCKETS


def test_buckets_are_even_and_salts_independent() -> None:
    units = [f"visitor:{k}" for k in range(40_000)]
    one, two = buckets("one", units), buckets("two", units)
    table = np.histogram2d(one, two, bins=(4, 4))[0]
    assert not sample_ratio(table.ravel().astype(int).tolist(), [1] * 16, 0.001).is_mismatch


def test_more_traffic_adds_units_and_moves_none() -> None:
    units = [f"u{k}" for k in range(4000)]
    few, many = (Allocation("ramp", HALVES, traffic) for traffic in (1000, 6000))
    before = {unit: few.variation(unit) for unit in units if few.takes_part(unit)}
    assert 300 < len(before) < 500
    assert before == {unit: many.variation(unit) for unit in before}
    shares = [many.variation(unit) for unit in units]
    counts = [shares.count(name) for name in ("control", "treatment")]
    assert 2200 < sum(counts) < 2600
    assert not sample_ratio(counts, [1, 1], 0.001).is_mismatch


@pytest.mark.parametrize(
    ("weights", "traffic", "said"),
    [
        ((("a", 5000), ("b", 4999)), 10_000, "add up to 9999"),
        ((("a", 5000), ("a", 5000)), 10_000, "a name of its own"),
        ((), 10_000, "a name of its own"),
        ((("a", 11_000), ("b", -1000)), 10_000, "whole numbers from 0"),
        (HALVES, 10_001, "traffic"),
    ],
)
def test_what_leaves_units_without_an_answer_is_refused(
    weights: tuple[tuple[str, int], ...], traffic: int, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Allocation("s", weights, traffic)
