import numpy as np
import pyarrow as pa

from tests.recommender.factory import START, interactions_table, products_table
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.split import Split, on_sale_at, split_in_time

VIEW = "product_viewed"
DAY = 86_400
ROWS = [
    ("a", "p00000", "s1", VIEW, 0.0),
    ("b", "p00001", "s2", VIEW, 5.0),
    ("a", "p00000", "s3", VIEW, 9.5),  # seen in training: not to be discovered
    ("a", "p00002", "s3", VIEW, 9.6),
    ("a", "p00002", "s3", VIEW, 9.7),  # again: still one product
    ("a", "p00003", "s3", "product_scrolled", 9.7),  # not of a relevant type
    ("c", "p00001", "s4", VIEW, 9.8),  # a new person
    ("b", "p00005", "s5", VIEW, 10.0),  # launched after the split
]


def split_of(rows: list[tuple[str, str, str, str, float]], days: int = 2) -> Split | None:
    launched = pa.array([None] * 5 + [START + 9 * DAY], pa.timestamp("s"))
    catalogue = Catalogue.from_arrow(products_table(6, launched_at=launched))
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    return split_in_time(log, catalogue, days, relevant_types=(VIEW,), evidence_days=28)


def test_the_last_days_are_held_out_and_only_discoveries_count() -> None:
    split = split_of(ROWS)
    assert split is not None
    assert split.split_at == START + 8 * DAY + 1
    assert split.train.n_events == 2
    assert split.train.person_ids.to_pylist() == ["a", "b"]
    assert split.persons.tolist() == [0, -1]
    assert [row.tolist() for row in np.split(split.relevant.indices, [1])] == [[2], [1]]
    assert split.n_relevant.tolist() == [1, 1]
    assert split.candidates.tolist() == [True] * 5 + [False]


def test_nothing_to_hold_out_gives_no_split() -> None:
    assert split_of(ROWS, days=30) is None
    assert split_of(ROWS[:3]) is None


def test_off_sale_today_but_met_shortly_before_was_on_sale() -> None:
    catalogue = Catalogue.from_arrow(products_table(3, is_on_sale=[True, False, False]))
    rows = [("a", "p00001", "s", VIEW, 0.0), ("a", "p00002", "s", VIEW, 9.0)]
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    assert on_sale_at(START + 10 * DAY, log, catalogue, 3).tolist() == [True, False, True]
