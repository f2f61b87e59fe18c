"""What the dbt Python models get: fixed schemas, the same bits in any order, words for nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from trasos.errors import InputError
from trasos.marketing import channel_effects, channel_tests, paths_of_touches
from trasos.marketing.facade import CHANNEL_EFFECTS, CHANNEL_TESTS

PARAMS = {"markov_order": 1}


def touches(*paths: tuple[str, str | None]) -> pa.Table:
    """Touches of paths, each a text of channels and the order that it ends with."""
    return pa.table(
        {
            "path_id": [f"p{n}" for n, (text, _) in enumerate(paths) for _ in text.split()],
            "touch_number": [k for text, _ in paths for k, _ in enumerate(text.split(), 1)],
            "channel": [channel for text, _ in paths for channel in text.split()],
            "order_id": pa.array(
                [order for text, order in paths for _ in text.split()], type=pa.string()
            ),
        }
    )


def test_effects_of_paths_counted_by_hand() -> None:
    """Of four paths two convert; without email one is left, without search none."""
    table = channel_effects(
        touches(("email search", "o1"), ("search", "o2"), ("email", None), ("direct", None)), PARAMS
    )
    rows = {row["channel"]: row for row in table.to_pylist()}
    assert table.schema.equals(CHANNEL_EFFECTS)
    assert rows["email"]["conversion_rate"] == 0.5
    # Of two emails one goes on to search; whoever searches orders.
    assert rows["email"]["conversion_rate_without"] == 0.25
    assert rows["email"]["removal_effect_share"] == 0.5
    assert rows["search"]["removal_effect_share"] == 1
    assert rows["direct"]["removal_effect_share"] == 0
    assert [rows[name]["shapley_share"] for name in ("email", "search", "direct")] == [
        0.25,
        0.75,
        0,
    ]
    assert rows["email"]["n_channel_paths"] == 2
    assert rows["email"]["n_channel_conversions"] == 1


def test_the_order_of_rows_changes_no_bit() -> None:
    rng = np.random.default_rng(1)
    names = ["direct", "email", "search", "social", "display"]
    table = touches(
        *(
            (
                " ".join(rng.choice(names, rng.integers(1, 7))),
                f"o{n}" if rng.random() < 0.3 else None,
            )
            for n in range(300)
        )
    )
    expected = channel_effects(table, PARAMS)
    for _ in range(5):
        shuffled = table.take(rng.permutation(len(table)))
        assert channel_effects(shuffled, PARAMS).equals(expected)


def test_where_there_is_nothing_it_is_said() -> None:
    assert channel_effects(touches()[:0], PARAMS).equals(CHANNEL_EFFECTS.empty_table())
    (row,) = channel_effects(touches(("email", None)), PARAMS).to_pylist()
    assert row["status"] == "no conversions"
    assert row["removal_effect_share"] is row["markov_share"] is row["shapley_share"] is None
    assert row["conversion_rate"] == 0
    nameless = touches(("email", "o1")).set_column(2, "channel", pa.array([None], type=pa.string()))
    with pytest.raises(InputError, match="Touches without a channel"):
        paths_of_touches(nameless)


def test_tests_have_their_schema_with_and_without_visits() -> None:
    sessions = pa.table(
        {
            "channel": ["email", "search"] * 50,
            "person_id": [f"p{n}" for n in range(100)],
            "has_order": [n % 5 == 0 for n in range(100)],
        }
    )
    done = channel_tests(sessions)
    assert done.schema.equals(CHANNEL_TESTS)
    assert done["status"].to_pylist() == ["tested", "tested"]
    nothing = channel_tests(sessions[:0]).to_pylist()
    assert [row["status"] for row in nothing] == ["fewer than two channels"] * 2
    assert [row["p_value"] for row in nothing] == [None, None]
