from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trasos.errors import InputError
from trasos.value.purchases import Purchases, from_log

ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(0, 50)), min_size=1, max_size=40
)


@given(ROWS, st.integers(0, 35), st.randoms())
@settings(max_examples=60, deadline=None)
def test_a_summary_is_what_a_plain_loop_finds(
    rows: list[tuple[int, int, int]], end: int, random: object
) -> None:
    seen = [row for row in rows if row[1] <= end]
    mixed = list(rows)
    random.shuffle(mixed)
    customer, day, value = (np.array(column) for column in zip(*mixed, strict=True))
    if not seen:
        with pytest.raises(InputError, match="take a later one"):
            from_log(customer, day, value.astype(float), end)
        return
    ids, found = from_log(customer, day, value.astype(float), end)
    assert ids.tolist() == sorted({row[0] for row in seen})
    for place, who in enumerate(ids.tolist()):
        days = sorted({row[1] for row in seen if row[0] == who})
        repeat = [row[2] for row in seen if row[0] == who and row[1] > days[0]]
        assert found.frequency[place] == len(days) - 1
        assert found.recency[place] == days[-1] - days[0]
        assert found.age[place] == end - days[0]
        expected = sum(repeat) / (len(days) - 1) if len(days) > 1 else 0.0
        assert found.value[place] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (([1.5], [1.0], [2.0], [1.0]), "no whole number"),
        (([-1.0], [0.0], [2.0], [1.0]), "no whole number"),
        (([1.0], [3.0], [2.0], [1.0]), "outside 0..age"),
        (([0.0], [1.0], [2.0], [0.0]), "without a repeat purchase"),
        (([1.0], [1.0], [2.0], [-1.0]), "value below 0"),
        (([1.0], [1.0], [np.inf], [1.0]), "not finite"),
        (([1.0, 2.0], [1.0], [2.0], [1.0]), "not of one length"),
    ],
)
def test_what_no_log_gives_is_refused(rows: tuple[list[float], ...], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Purchases(*(np.array(column) for column in rows))
