import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from trasos.recommender import metrics

ROOT = Path(__file__).parents[2]

# Three persons over six products; -1 is an empty place.
ITEMS = np.array([[0, 1, 2, 3], [5, 4, 1, 0], [2, 3, -1, -1]], np.int32)
RELEVANT = csr_array(
    np.array([[1, 0, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 1, 0, 1]], np.float64)
)
N_RELEVANT = np.array([2, 2, 2], np.int32)
HITS = metrics.hits_of(ITEMS, RELEVANT)


def test_hits() -> None:
    assert HITS.tolist() == [
        [True, False, True, False],
        [False] * 4,
        [False, True, False, False],
    ]


def test_recall_and_hit_rate_by_hand() -> None:
    assert metrics.recall(HITS, N_RELEVANT, 4).tolist() == [1.0, 0.0, 0.5]
    assert metrics.recall(HITS, N_RELEVANT, 1).tolist() == [0.5, 0.0, 0.0]
    assert metrics.hit_rate(HITS, 4).tolist() == [1.0, 0.0, 1.0]
    assert metrics.hit_rate(HITS, 1).tolist() == [1.0, 0.0, 0.0]


def test_reciprocal_rank_by_hand() -> None:
    assert metrics.reciprocal_rank(HITS, 4).tolist() == [1.0, 0.0, 0.5]
    assert metrics.reciprocal_rank(HITS, 1).tolist() == [1.0, 0.0, 0.0]


def test_average_precision_by_hand() -> None:
    expected = [(1 / 1 + 2 / 3) / 2, 0.0, (1 / 2) / 2]
    assert metrics.average_precision(HITS, N_RELEVANT, 12) == pytest.approx(expected)
    # With k below the number of relevant products, k hits are the best there can be.
    assert metrics.average_precision(HITS, N_RELEVANT, 1).tolist() == [1.0, 0.0, 0.0]


def test_ndcg_by_hand() -> None:
    ideal = 1 + 1 / np.log2(3)
    expected = [(1 + 1 / np.log2(4)) / ideal, 0.0, (1 / np.log2(3)) / ideal]
    assert metrics.ndcg(HITS, N_RELEVANT, 10) == pytest.approx(expected)
    assert metrics.ndcg(HITS, N_RELEVANT, 1).tolist() == [1.0, 0.0, 0.0]


def test_novelty_by_hand() -> None:
    information = metrics.self_information(np.array([7.0, 3, 1, 0, 0, 0]), 7)
    assert information[:4].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert metrics.novelty(ITEMS, information, 4).tolist() == [1.5, 1.75, 2.5]


def test_diversity_by_hand() -> None:
    category = np.array([0, 0, 0, 1, 1, 1], np.int32)
    brand = np.array([0, 0, 1, 1, 2, 2], np.int32)
    # First list: pairs 01 same both, 02 and 12 same category, 23 same brand, 03 and 13 neither.
    expected_first = (0 + 0.5 + 0.5 + 0.5 + 1 + 1) / 6
    # Second: 54 same both, 10 same both, the four others neither.
    expected_second = 4 / 6
    # Third: 2 and 3 share the brand; empty places do not count.
    found = metrics.diversity(ITEMS, category, brand, 4)
    assert found == pytest.approx([expected_first, expected_second, 0.5])
    assert metrics.diversity(ITEMS, category, brand, 1).tolist() == [0.0, 0.0, 0.0]


def test_coverage_and_gini_by_hand() -> None:
    candidates = np.ones(6, np.bool_)
    assert metrics.coverage(ITEMS, candidates, 4) == 1.0
    assert metrics.coverage(ITEMS, candidates, 1) == 0.5
    assert metrics.exposure_gini(np.array([[0, 1], [2, 3]], np.int32), np.ones(4, bool), 2) == 0.0
    # All exposure on one of four candidates: (n - 1) / n.
    assert metrics.exposure_gini(np.array([[2], [2]], np.int32), np.ones(4, bool), 1) == 0.75


def test_against_lists_judged_by_another_implementation() -> None:
    folder = (
        Path(os.environ.get("TRASOS_DATA") or ROOT / "../shared/data") / "lenskit_metric_golden"
    )
    if not folder.exists():
        pytest.skip("golden metrics are not here: set TRASOS_DATA to the folder that holds them")
    truth: dict[str, dict[int, float]] = {}
    for row in _rows(folder / "topn-java-truth.csv"):
        truth.setdefault(row["user"], {})[int(row["item"])] = float(row["rating"])
    lists: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in _rows(folder / "topn-java-recs.csv.gz"):
        key = row["Algorithm"], row["user"]
        lists.setdefault(key, []).append((int(row["rank"]), int(row["item"])))
    golden = _rows(folder / "topn-java-metrics.csv")
    assert len(golden) == 100
    items = np.array(
        [[item for _, item in sorted(lists[row["Algorithm"], row["user"]])] for row in golden],
        np.int32,
    )
    gains = np.array(
        [
            [truth[row["user"]].get(item, 0.0) for item in own]
            for row, own in zip(golden, items, strict=True)
        ]
    )
    ideal = [np.array(list(truth[row["user"]].values())) for row in golden]
    found = metrics.graded_ndcg(gains, ideal, lambda rank: 1 / np.maximum(np.log2(rank), 1))
    assert found == pytest.approx([float(row["Java.nDCG"]) for row in golden], abs=1e-12)
    assert np.count_nonzero(found) > 20
    relevant = _sparse([truth[row["user"]] for row in golden], int(items.max()) + 1)
    rank = metrics.reciprocal_rank(metrics.hits_of(items, relevant), 100)
    assert rank == pytest.approx([float(row["Java.RecipRank"]) for row in golden], abs=1e-12)


def test_graded_and_plain_ndcg_agree_on_gains_of_one() -> None:
    graded = metrics.graded_ndcg(HITS.astype(np.float64), [np.ones(2)] * 3, metrics.log2_discount)
    assert graded == pytest.approx(metrics.ndcg(HITS, N_RELEVANT, 4))


def _rows(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt") as file:
            return list(csv.DictReader(file))
    with path.open() as file:
        return list(csv.DictReader(file))


def _sparse(truth: list[dict[int, float]], n_products: int) -> csr_array:
    size = max(n_products, max(max(own) for own in truth) + 1)
    dense = np.zeros((len(truth), size))
    for row, own in enumerate(truth):
        dense[row, list(own)] = 1
    return csr_array(dense)
