"""From content into the space of factors: where a product would lie, had anybody met it.

A ridge regression of item factors on content, each product weighing as much as it was met; the
idea of Gantner et al. 2010 ("Learning attribute-to-feature mappings for cold-start
recommendations"), in closed form. Regression shrinks towards zero, and a factor model ranks by
inner products, in which long vectors win: mapped factors are therefore stretched by ``scale``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import Ridge

from trasos.recommender.arrays import Doubles, Floats
from trasos.recommender.content.features import ContentFeatures
from trasos.recommender.models.als import Als
from trasos.recommender.threads import one_blas_thread

NAME = "content"

EXACT_UP_TO = 4_000
"""Features or products up to which the normal equations are solved exactly (some seconds and 130
MB there); beyond, by conjugate gradients on the sparse matrix."""


@dataclass(frozen=True)
class ContentMap:
    """Factors that content alone gives each product.

    Attributes:
        item_factors: float32 of shape (n_products, factors), not stretched; zero for products of
            which nothing is known.
        ridge: strength that it was fitted with.
    """

    item_factors: Floats
    ridge: float

    @classmethod
    def fit(
        cls, features: ContentFeatures, item_factors: Floats, weight: Doubles, ridge: float
    ) -> ContentMap:
        """Regress factors on content.

        Args:
            features: of all products.
            item_factors: float32 of shape (n_products, factors); zero rows are not learnt from.
            weight: float64 (n_products,), how much each product counts: how often it was met.
            ridge: added to the diagonal; weights are scaled to a mean of one before.
        """
        known = features.known
        learnt = np.flatnonzero(known & np.any(item_factors != 0, axis=1) & (weight > 0))
        if len(learnt) == 0:
            return cls(np.zeros(item_factors.shape, np.float32), ridge)
        # A column of ones where anything is known: the factors of the average product.
        constant = known.astype(np.float64)[:, None]
        content = csr_matrix(hstack([features.matrix, constant]), dtype=np.float64)
        share = weight[learnt] / weight[learnt].mean()
        exact = min(len(learnt), content.shape[1]) <= EXACT_UP_TO
        solver = Ridge(
            alpha=ridge,
            fit_intercept=False,
            solver="cholesky" if exact else "sparse_cg",
            tol=1e-8,
        )
        with one_blas_thread():
            solver.fit(content[learnt], item_factors[learnt].astype(np.float64), share)
            mapped = np.asarray(content @ np.atleast_2d(solver.coef_).T, np.float32)
        mapped[~known] = 0
        return cls(mapped, ridge)

    def model(self, als: Als, scale: float) -> Als:
        """Every product ranked by its content alone, to the taste that ALS found in a person.

        Args:
            als: the model whose factors were learnt from; gives the persons' factors.
            scale: by which mapped factors are stretched.
        """
        return replace(als, item_factors=np.float32(scale) * self.item_factors, name=NAME)


def with_cold_items(als: Als, content: ContentMap, met: Doubles, scale: float, prior: float) -> Als:
    """ALS in which content stands in for what nobody did yet.

    Args:
        als: fitted factors.
        content: fitted on them.
        met: float64 (n_products,), persons who met each product.
        scale: by which mapped factors are stretched.
        prior: persons whose say content equals; with 0 it speaks for products nobody met alone.

    Returns:
        Factors of a product met by n persons: n / (n + prior) parts ALS, the rest content. Products
        of which nothing is known keep theirs.
    """
    trust = np.divide(met, met + prior, out=np.zeros_like(met), where=met + prior > 0)
    trust[~np.any(content.item_factors != 0, axis=1)] = 1
    share = trust.astype(np.float32)[:, None]
    stretched = np.float32(scale) * content.item_factors
    return replace(als, item_factors=share * als.item_factors + (1 - share) * stretched)
