"""What was learnt of ranking: trees, and whether they serve."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np

from trasos.recommender.arrays import Doubles, Floats
from trasos.recommender.params import RecommenderParams


@dataclass(frozen=True)
class Ranker:
    """LightGBM's trees, the names of what they read, and how they did beside the blend.

    Attributes:
        trees: LightGBM's own text; empty where there was too little to learn from.
        columns: names of the features, in the order in which the trees read them.
        params: tunables that its candidates and features are made with, wherever it serves.
        serves: whether it answers; else the blend does.
        reason: why, in a sentence.
        n_learnt_from: persons in all slices.
        n_judged: persons of the days before any test on which it met the blend; 0 for none.
        ndcg: its mean NDCG@10 over them; nan for none.
        blend_ndcg: the blend's.
        low: lower end of the interval of the difference, paired by person.
        high: upper end.
    """

    trees: str
    columns: tuple[str, ...]
    params: RecommenderParams
    serves: bool
    reason: str
    n_learnt_from: int
    n_judged: int = 0
    ndcg: float = float("nan")
    blend_ndcg: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")

    @classmethod
    def none(cls, params: RecommenderParams, reason: str, n_learnt_from: int = 0) -> Ranker:
        """No trees, and why."""
        return cls("", (), params, False, reason, n_learnt_from)

    def to_json(self) -> str:
        """All of it as text, for ``from_json``."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Ranker:
        """Read what ``to_json`` wrote."""
        content = json.loads(text)
        return cls(
            **{
                **content,
                "columns": tuple(content["columns"]),
                "params": RecommenderParams.from_mapping(content["params"]),
            }
        )

    def about(self) -> dict[str, Any]:
        """What was found, without the trees and what they were made with."""
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in ("trees", "columns", "params")
        }

    @property
    def is_learnt(self) -> bool:
        """Whether there are trees."""
        return bool(self.trees)

    @cached_property
    def _booster(self) -> Any:
        return lgb.Booster(model_str=self.trees)

    def score(self, rows: Floats) -> Doubles:
        """The odds of each row to stand above others of its person; only their order counts.

        Args:
            rows: float32 (n, len(columns)).

        Returns:
            float64 (n,), above zero: the exponential of what the trees add up to.
        """
        if len(rows) == 0:
            return np.empty(0)
        total = self._booster.predict(rows, num_threads=1)
        return np.asarray(np.exp(np.clip(total, -50, 50)), np.float64)

    def importance(self) -> dict[str, float]:
        """Share of each feature in what the splits gained, the largest first."""
        gain = self._booster.feature_importance("gain")
        order = np.argsort(-gain, kind="stable")
        return {self.columns[at]: float(gain[at] / gain.sum()) for at in order}
