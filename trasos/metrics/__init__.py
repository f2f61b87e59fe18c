"""Metrics that are defined once, beside the models, and asked for by name."""

from trasos.metrics.layer import Question, SavedQuery, SemanticLayer

__all__ = ["Question", "SavedQuery", "SemanticLayer"]
