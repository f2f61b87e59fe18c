"""ALS by Spark beside ALS by one machine: the same equations, and lists as good."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from tests.engines.java import want_java
from trasos.errors import ConfigurationError
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import fit
from trasos.recommender.judge import PERSON_METRICS, judge
from trasos.recommender.matrix import person_product
from trasos.recommender.models.als import Als
from trasos.recommender.models.als_on_spark import factorise_on_spark
from trasos.recommender.params import RecommenderParams
from trasos.recommender.split import split_as_tuned

HERE = RecommenderParams(als_factors=24, bootstrap_resamples=1_000)
SPARK = dataclasses.replace(HERE, als_solver="spark")
NDCG = PERSON_METRICS.index(("ndcg", 10))


@pytest.fixture
def spark() -> None:
    want_java()


@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_persons_solve_the_equations_that_are_written_down(log: InteractionLog) -> None:
    """x = (Y'Y + sum(alpha w y y') + lambda n I)^-1 sum((1 + alpha w) y): Hu et al. 2008."""
    matrix = person_product(log, log.last_at + 1, 30.0)
    params = dataclasses.replace(SPARK, als_factors=6, als_iterations=3)
    persons, products = factorise_on_spark(matrix, params, 12.0)
    n_pairs = np.diff(matrix.indptr)
    weight = 12.0 / (matrix.nnz / np.count_nonzero(n_pairs))
    known = products.astype(np.float64)
    for person in np.flatnonzero(n_pairs)[::40]:
        met = slice(matrix.indptr[person], matrix.indptr[person + 1])
        of_met, more = known[matrix.indices[met]], params.als_alpha * matrix.data[met]
        left = known.T @ known + (of_met.T * more) @ of_met
        left += weight * len(more) * np.eye(params.als_factors)
        expected = np.linalg.solve(left, of_met.T @ (1 + more))
        assert persons[person] == pytest.approx(expected, rel=1e-3, abs=1e-5)
    assert not persons[-1].any()
    assert not products[np.bincount(matrix.indices, minlength=matrix.shape[1]) == 0].any()


@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_lists_are_as_good_as_those_of_one_machine(
    log: InteractionLog, catalogue: Catalogue
) -> None:
    """Each tuned by itself before the test; NDCG@10 of the same persons, in pairs."""
    split = split_as_tuned(log, catalogue, HERE, HERE.test_days)
    assert split is not None
    values = []
    for params in (HERE, SPARK):
        fitted = fit(split.train, catalogue, params)
        found = judge(fitted, (fitted.als, fitted.blend, fitted.popular), split, catalogue)
        values.append(found.values[:, :, NDCG])
    here, there = values
    low, high = percentile_interval(resampled_means(there - here, 1_000, seed=1), 0.95)
    means = here.mean(axis=0), there.mean(axis=0)
    print(f"\nNDCG@10 of {len(here)} persons, implicit and Spark: {means}; {low} .. {high}")
    for model in range(2):
        # Not worse by more than a twentieth of what there is to gain over popularity.
        worse = 0.05 * (means[0][model] - means[0][2])
        assert worse > 0
        assert low[model] > -worse or low[model] <= 0 <= high[model]
        assert high[model] - low[model] < 0.06


def test_nobody_did_anything(log: InteractionLog) -> None:
    """No pair at all: nothing is sent to Spark."""
    nothing = person_product(log, log.last_at + 1, 30.0)[:0]
    persons, products = factorise_on_spark(nothing, SPARK, 1.0)
    assert persons.shape == (0, 24)
    assert not products.any()


def test_without_spark_it_is_said_what_to_do(
    log: InteractionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    matrix = person_product(log, log.last_at + 1, 30.0)
    with pytest.raises(ConfigurationError, match="make install-spark"):
        Als.fit(matrix, SPARK)


def test_a_solver_of_another_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'flink': implicit or trasos or spark"):
        RecommenderParams(als_solver="flink")


def test_the_recommender_starts_without_spark() -> None:
    program = (
        "import sys; sys.modules['pyspark'] = None; import trasos.recommender.models.als_on_spark"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
