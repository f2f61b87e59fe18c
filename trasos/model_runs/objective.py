"""What an experiment maximises, and on which days."""

from __future__ import annotations

from dataclasses import dataclass

from trasos.errors import ConfigurationError
from trasos.recommender.judge import PERSON_METRICS
from trasos.recommender.verdict import METRIC, SLICE, K

MODEL = "blend"
"""What is tuned where nothing else is said: the ranker learns from its parts."""

VALIDATION, TEST = "validation", "test"
"""The days on which a run is judged: those before the test, or the test itself."""

JUDGING = (
    "bootstrap_resamples",
    "confidence",
    "heavy_products",
    "min_persons",
    "on_sale_evidence_days",
    "relevant_event_types",
    "test_days",
    "validation_days",
)
"""Parameters that say how models are judged: one experiment keeps them as they are."""


@dataclass(frozen=True)
class Objective:
    """One figure of an evaluation.

    Attributes:
        model: name of the model among those that are judged together.
        slice: whose persons.
        metric: name of a metric that has a value for each person.
        k: length of the list that it looks at.
    """

    model: str = MODEL
    slice: str = SLICE
    metric: str = METRIC
    k: int = K

    @classmethod
    def parse(cls, text: str, slice_name: str = SLICE, model: str = MODEL) -> Objective:
        """Read a metric as ``ndcg@10``.

        Raises:
            ConfigurationError: no such metric is measured for each person.
        """
        metric, _, k = text.strip().lower().partition("@")
        if (metric, k) not in {(name, str(length)) for name, length in PERSON_METRICS}:
            known = ", ".join(f"{name}@{length}" for name, length in PERSON_METRICS)
            raise ConfigurationError(f"There is no metric {text!r}; one of {known} is wanted.")
        return cls(model, slice_name, metric, int(k))

    @property
    def label(self) -> str:
        """As people write it."""
        return f"{self.metric}@{self.k}"
