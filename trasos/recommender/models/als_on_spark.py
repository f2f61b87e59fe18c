"""The factorisation by ``pyspark.ml``: the same loss on many machines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from trasos.engines.session import spark_session
from trasos.recommender.arrays import Floats, Sparse
from trasos.recommender.params import RecommenderParams


def factorise_on_spark(
    matrix: Sparse, params: RecommenderParams, regularization: float
) -> tuple[Floats, Floats]:
    """Factorise a person x product matrix with Spark's ALS for implicit feedback.

    Confidence is 1 + alpha * value, as on one machine. Spark multiplies the regularization of a
    person or product by the number of its pairs (ALS-WR: Zhou, Wilkinson, Schreiber and Pan 2008);
    it is divided by the mean number of pairs a person here, so that the same number weighs about
    the same. Sums are taken in the order in which a cluster's parts arrive, so last bits may differ
    from run to run where one machine's do not.

    Args:
        matrix: decayed weights of shape (n_persons + 1, n_products), last row empty.
        params: factors, iterations, alpha and seed.
        regularization: as the solver on one machine takes it.

    Returns:
        float32 factors of persons, shape (n_persons + 1, factors), and of products, shape
        (n_products, factors); zero where a row or column has no pair.

    Raises:
        ConfigurationError: Spark is not installed.
    """
    n_rows, n_columns = matrix.shape
    n_pairs = np.diff(matrix.indptr)
    if not matrix.nnz:
        return _zeros(n_rows, params), _zeros(n_columns, params)
    pairs = pa.table(
        {
            "person": np.repeat(np.arange(n_rows, dtype=np.int32), n_pairs),
            "product": matrix.indices.astype(np.int32),
            "weight": matrix.data.astype(np.float32),
        }
    )
    with spark_session() as session:
        from pyspark.ml.recommendation import ALS

        model = ALS(
            userCol="person",
            itemCol="product",
            ratingCol="weight",
            implicitPrefs=True,
            rank=params.als_factors,
            maxIter=params.als_iterations,
            alpha=params.als_alpha,
            regParam=regularization * np.count_nonzero(n_pairs) / matrix.nnz,
            seed=params.seed,
        ).fit(session.createDataFrame(pairs))
        return (
            _dense(model.userFactors.toArrow(), n_rows, params),
            _dense(model.itemFactors.toArrow(), n_columns, params),
        )


def _dense(factors: Any, n_rows: int, params: RecommenderParams) -> Floats:
    """Rows (id, features) in any order as an array by id, zero where an id is missing."""
    dense = _zeros(n_rows, params)
    values = factors.column("features").combine_chunks().flatten().to_numpy()
    dense[factors.column("id").to_numpy()] = values.reshape(-1, params.als_factors)
    return dense


def _zeros(n_rows: int, params: RecommenderParams) -> Floats:
    return np.zeros((n_rows, params.als_factors), np.float32)
