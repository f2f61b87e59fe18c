"""Factors of persons and products, and the best inner products of all pairs of them, quickly."""

from trasos.recommender.factors.objective import Objective
from trasos.recommender.factors.train import Factors, fold_in, train

__all__ = ["Factors", "Objective", "fold_in", "train"]
