import numpy as np
import pytest

from trasos.errors import InputError
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sessions import Clicks, SessionParams, SessionSlot

# As in test_knn: by score 1, 2, 3 for a visitor who clicked 1, then 0; by popularity 0, 1, 3, 2, 4.
CLICKS = Clicks.from_arrays([0, 0, 0, 1, 1, 1, 2, 2], [0, 1, 2, 1, 0, 3, 4, 3], range(8), 6)
PARAMS = SessionParams(click_decay=0.5, gap_decay=0.5, reminder=0.0)


def test_a_list_is_the_neighbours_then_the_popular() -> None:
    top = SessionSlot.fit(CLICKS, PARAMS).predict([1, 0], 4)
    assert top.items.tolist() == [[1, 2, 3, 4]]
    assert top.rungs.tolist() == [[1, 1, 1, 0]]
    assert top.scores[0, 3] == 0
    assert top.items.dtype == np.int32


def test_where_only_new_products_are_wanted_the_session_is_not_listed() -> None:
    slot = SessionSlot.fit(CLICKS, SessionParams(repeats="new"))
    assert set(slot.predict([4, 1, 0], 6).items[0].tolist()) == {2, 3, 5, -1}


def test_a_catalogue_too_small_ends_in_empty_places() -> None:
    top = SessionSlot.fit(CLICKS, PARAMS).predict([0], 8)
    assert top.items[0, 5:].tolist() == [-1, -1, -1]
    assert sorted(top.items[0, :5].tolist()) == [1, 2, 3, 4, 5]
    assert np.isnan(top.scores[0, 5:]).all()


@pytest.mark.parametrize("clicks", [[], [-1], [5]])
def test_of_whom_nothing_is_known_gets_what_is_popular(clicks: list[int]) -> None:
    assert SessionSlot.fit(CLICKS, PARAMS).predict(clicks, 4).items.tolist() == [[0, 1, 3, 2]]


def test_only_what_is_allowed_is_listed() -> None:
    allowed = np.array([True, False, True, False, False, True])
    top = SessionSlot.fit(CLICKS, PARAMS).predict([1, 0], 3, allowed)
    assert top.items.tolist() == [[2, 5, -1]]


def test_equal_scores_stand_by_code() -> None:
    clicks = Clicks.from_arrays([0, 0, 1, 1, 2, 2], [0, 3, 0, 1, 2, 4], range(6), 5)
    assert SessionSlot.fit(clicks, PARAMS).predict([0], 2).items.tolist() == [[1, 3]]


def test_the_baselines_keep_the_same_policy() -> None:
    popular, pairs = SessionSlot.baselines(CLICKS, RecommenderParams(), "allowed")
    assert popular.predict([3], 3).items.tolist() == [[0, 1, 2]]
    assert popular.predict([3], 3).rungs.tolist() == [[0, 0, 0]]
    # 0 follows 4 nowhere; 3 follows 4 and 0.
    top = pairs.predict([4], 2)
    assert (top.items[0, 0], top.rungs.tolist()) == (3, [[1, 0]])
    assert 0 not in pairs.predict([4, 0], 6).items
    new, _ = SessionSlot.baselines(CLICKS, RecommenderParams(), "new")
    assert new.predict([0, 3], 3).items.tolist() == [[1, 2, 4]]


def test_a_list_without_length_is_told() -> None:
    with pytest.raises(InputError, match="at least 1"):
        SessionSlot.fit(CLICKS, PARAMS).predict([0], 0)
