"""Factors of persons and products, and the best inner products of all pairs of them, quickly."""

from trasos.recommender.factors.mutual import best_cosines
from trasos.recommender.factors.objective import Objective
from trasos.recommender.factors.top import Best, best_products
from trasos.recommender.factors.train import Factors, fold_in, train

__all__ = ["Best", "Factors", "Objective", "best_cosines", "best_products", "fold_in", "train"]
