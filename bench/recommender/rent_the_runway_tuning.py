"""Choosing every number of the rentals' models on validation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from bench.recommender.cold import Case, pooled, summary
from bench.recommender.rent_the_runway_data import Rentals
from bench.recommender.rent_the_runway_models import (
    MATCHED,
    Fitted,
    Settings,
    als,
    covisitation,
    popular,
)
from bench.recommender.rent_the_runway_powers import learnt_powers
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import Popular

POPULAR_DAYS = (15.0, 30.0, 60.0)
ALS_GRID = tuple(product((30.0, 60.0), (30.0, 100.0)))
COVISITATION_DAYS = (30.0, 60.0, 120.0)
CONTENT = ("neighbours", "neighbours_by_category", "lift", "lift_by_category", "map", *MATCHED)
MAPS = tuple(product((1.0, 10.0), (2.0, 3.0)))
#: Four to eight places of twenty.
SHARES = (0.2, 0.25, 0.3, 0.35, 0.4)
#: Share of the best pure model's figures on warm dresses that may be lost on validation.
TOLERANCE = 0.02


@dataclass(frozen=True)
class Chosen:
    """What was chosen.

    Attributes:
        settings: all numbers.
        found: means on validation of the models as chosen.
        n_tried: models that were fitted and looked at.
    """

    settings: Settings
    found: dict[str, Any]
    n_tried: int


class _Trial:
    """Means of models over the cases of validation, counted."""

    def __init__(self, found: list[Case], rentals: Rentals) -> None:
        self._cases, self._rentals = found, rentals
        self.n_tried = 0
        self._fallback: dict[tuple[int, bytes], Popular] = {}

    def fitted(self, settings: Settings) -> list[Fitted]:
        return [Fitted.fit(case, self._rentals, settings, sizes=True) for case in self._cases]

    def of(self, found: Iterable[Case], models: Iterable[Model]) -> dict[str, Any]:
        self.n_tried += 1
        return summary(
            pooled(
                (case.person_ids, case.values(case.lists((model, self._popular(case)))))
                for case, model in zip(found, models, strict=True)
            )[1]
        )

    def _popular(self, case: Case) -> Popular:
        """Fills what a model leaves open, the same in all trials."""
        key = case.as_of, case.cold.tobytes()
        if key not in self._fallback:
            self._fallback[key] = popular(case, Settings())
        return self._fallback[key]


def choose(found: list[Case], rentals: Rentals) -> Chosen:
    """Pure models by their recall@20 of warm dresses, content by that of cold ones.

    The hybrid is the one that finds most cold dresses among those that are as good as the best
    pure model on warm ones, within ``TOLERANCE``, by recall@20 and by NDCG@10.

    Args:
        found: cases of validation, of one or several splits.
        rentals: the data set.
    """
    trial, settings, means = _Trial(found, rentals), Settings(), {}
    for name, fit, grid in (
        ("popular", popular, [{"popular_days": days} for days in POPULAR_DAYS]),
        (
            "als",
            als,
            [{"als_days": days, "als_regularization": ridge} for days, ridge in ALS_GRID],
        ),
        (
            "covisitation",
            covisitation,
            [{"covisitation_days": days} for days in COVISITATION_DAYS],
        ),
    ):
        tried = []
        for entry in grid:
            wanted = replace(settings, **entry)
            tried.append((wanted, trial.of(found, [fit(case, wanted) for case in found])))
        settings, means[name] = max(tried, key=_warm)
    fitted = trial.fitted(settings)
    tried = [
        (replace(settings, content=kind), trial.of(found, [f.content(kind) for f in fitted]))
        for kind in CONTENT
    ]
    settings, means["content"] = max(tried, key=lambda entry: entry[1]["cold"]["recall"])
    bar = {name: max(means[m]["warm"][name] for m in means) for name in ("ndcg", "recall")}
    fitted = [replace(f, settings=settings) for f in fitted]
    settings, means["als_mapped"] = _map(trial, fitted, means["als"]["warm"])
    fitted = [replace(f, settings=settings) for f in fitted]
    settings, means["hybrid"] = _hybrid(trial, fitted, bar)
    return Chosen(settings, means, trial.n_tried)


def _warm(entry: tuple[Settings, Any]) -> float:
    return float(entry[1]["warm"]["recall"])


def _map(trial: _Trial, fitted: list[Fitted], bar: dict[str, float]) -> tuple[Settings, Any]:
    """The map that finds most cold dresses while ALS keeps its warm recall, within the same."""
    tried, settings = [], fitted[0].settings
    for ridge, scale in MAPS:
        wanted = replace(settings, ridge=ridge, scale=scale)
        models = [replace(f, settings=wanted).als_mapped() for f in fitted]
        tried.append((wanted, trial.of([f.case for f in fitted], models)))
    safe = [
        entry for entry in tried if entry[1]["warm"]["recall"] >= (1 - TOLERANCE) * bar["recall"]
    ]
    return max(safe or tried[:1], key=lambda entry: entry[1]["cold"]["recall"])


def _hybrid(trial: _Trial, fitted: list[Fitted], bar: dict[str, float]) -> tuple[Settings, Any]:
    clicks, lifts = learnt_powers(fitted)
    base, tried = replace(fitted[0].settings, clicks=clicks, lifts=lifts), []
    for share in SHARES:
        wanted = replace(base, share=share)
        models = [replace(f, settings=wanted).hybrid() for f in fitted]
        tried.append((wanted, trial.of([f.case for f in fitted], models)))
    safe = [
        entry
        for entry in tried
        if all(entry[1]["warm"][name] >= (1 - TOLERANCE) * bar[name] for name in bar)
    ]
    # Where none keeps both, the one that keeps most of the warm.
    if not safe:
        return max(tried, key=_warm)
    return max(safe, key=lambda entry: entry[1]["cold"]["recall"])
