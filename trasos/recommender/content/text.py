"""Names and descriptions as a few dense numbers: latent semantic analysis."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from trasos.recommender.arrays import Floats
from trasos.recommender.columns import Columns
from trasos.recommender.content.params import ContentParams
from trasos.recommender.threads import one_blas_thread

TEXTS = ("product_name", "description")


def text_block(table: Any, params: ContentParams) -> Floats:
    """TF-IDF of words and pairs of words, cut to its strongest directions.

    Deerwester et al. 1990, as scikit-learn does it: sublinear counts, since a word said twice is
    not said twice as much.

    Args:
        table: products in the order of their codes; without ``TEXTS`` there is no block.
        params: text_dimensions, min_products, seed.

    Returns:
        float32 of shape (n_products, d), d at most ``text_dimensions``; 0 where nothing is said.
    """
    texts = _joined(table)
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), min_df=params.min_products, sublinear_tf=True, dtype=np.float64
    )
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:
        # Its only complaint here: no word is shared by enough products.
        return np.zeros((len(texts), 0), np.float32)
    width = min(params.text_dimensions, min(counts.shape) - 1)
    if width < 1:
        return np.asarray(counts.toarray(), np.float32)
    svd = TruncatedSVD(width, algorithm="randomized", n_iter=7, random_state=params.seed)
    with one_blas_thread():
        return np.asarray(svd.fit_transform(counts), np.float32)


def _joined(table: Any) -> list[str]:
    columns = Columns(table, "products")
    said = [
        columns.texts(name, nulls=True).fill_null("").to_pylist()
        for name in TEXTS
        if name in table.column_names
    ]
    return [" ".join(parts) for parts in zip(*said, strict=True)] or [""] * table.num_rows
