import numpy as np
import pytest

from trasos.errors import InputError
from trasos.recommender.sessions import Clicks, Running


def products(clicks: Clicks) -> list[list[int]]:
    return [part.tolist() for part in np.split(clicks.product, clicks.starts[1:-1])]


def test_sessions_stand_by_their_ends_and_clicks_by_time() -> None:
    clicks = Clicks.from_arrays(["b", "a", "b", "a", "c"], [1, 2, 0, 3, 4], [5, 9, 1, 2, 4], 5)
    assert products(clicks) == [[4], [0, 1], [3, 2]]
    assert clicks.session.tolist() == [0, 1, 1, 2, 2]


def test_a_product_clicked_again_while_on_screen_is_no_new_click() -> None:
    clicks = Clicks.from_arrays([7] * 6, [1, 1, 2, 2, 1, 1], range(6), 3)
    assert products(clicks) == [[1, 2, 1]]


def test_ties_in_time_stand_by_product_and_by_session() -> None:
    clicks = Clicks.from_arrays([2, 2, 1], [1, 0, 2], [3, 3, 3], 3)
    assert products(clicks) == [[2], [0, 1]]


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    session, product, at = rng.integers(0, [[30], [9], [40]], (3, 300))
    clicks = Clicks.from_arrays(session, product, at, 9)
    order = rng.permutation(300)
    shuffled = Clicks.from_arrays(session[order], product[order], at[order], 9)
    assert np.array_equal(clicks.product, shuffled.product)
    assert np.array_equal(clicks.starts, shuffled.starts)


def test_no_clicks_are_no_sessions() -> None:
    assert Clicks.from_arrays([], [], [], 3).n_sessions == 0


def test_running_products_stand_by_their_latest_click() -> None:
    running = Running.from_clicks([3, 1, 3, -1, 2, 3], 4)
    assert running.product.tolist() == [3, 2, -1, 1]
    assert running.recency.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("session", "product", "at", "words"),
    [
        ([1, 1], [0], [1, 2], "one entry a click"),
        ([1], [5], [1], "product 5 is no code of a catalogue of 5"),
        ([1], [-2], [1], "product -2 is no code"),
        ([1], [0.5], [1], "product 0.5 is no code"),
        ([1], [0], [np.nan], "a moment that is none"),
    ],
)
def test_what_does_not_fit_is_told(session: list, product: list, at: list, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Clicks.from_arrays(session, product, at, 5)


def test_a_running_session_of_another_catalogue_is_told() -> None:
    with pytest.raises(InputError, match="product 9 is no code"):
        Running.from_clicks([1, 9], 5)
