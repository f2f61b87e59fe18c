"""Sums of expectations do not hang on the order in which rows are added."""

from __future__ import annotations

import duckdb
import numpy as np

from tests.engines.macros import Macros


def test_any_order_gives_the_same_bits() -> None:
    rng = np.random.default_rng(4)
    values = rng.gamma(0.5, 3.0, 5_000)
    macro = Macros("duckdb").exact_sum("expected")
    exact, plain = set(), set()
    with duckdb.connect() as connection:
        for _ in range(20):
            shuffled = {"expected": rng.permutation(values)}
            connection.register("orders", shuffled)
            row = connection.execute(f"select {macro}, sum(expected) from orders").fetchall()[0]
            exact.add(row[0])
            plain.add(row[1])
    assert len(exact) == 1
    assert abs(exact.pop() - values.sum()) < 5_000 * 5e-10
    # What it is for: the sum of doubles that it stands for does hang on it.
    assert len(plain) > 1
