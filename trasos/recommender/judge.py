"""Per-person metrics of every model on a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Doubles, Flags
from trasos.recommender.data import Catalogue
from trasos.recommender.fit import Recommender
from trasos.recommender.metrics import (
    average_precision,
    coverage,
    diversity,
    exposure_gini,
    hit_rate,
    hits_of,
    ndcg,
    novelty,
    recall,
    reciprocal_rank,
    self_information,
)
from trasos.recommender.models.model import Model, for_persons
from trasos.recommender.rank import TopN, allowed_block, batches, stack, top_n
from trasos.recommender.ranking.ranked import Ranked
from trasos.recommender.split import Split

DEPTH = 20
PERSON_METRICS = (
    ("recall", 20),
    ("ndcg", 10),
    ("map", 12),
    ("mrr", 20),
    ("hit_rate", 20),
    ("novelty", 20),
    ("diversity", 20),
)
LIST_METRICS = (("coverage", 20), ("exposure_gini", 20))


@dataclass(frozen=True)
class Judgement:
    """What each model's lists are worth to each judged person.

    Attributes:
        models: names in order.
        values: float64 of shape (n_persons, n_models, n_metrics), metrics as ``PERSON_METRICS``.
        lists: the lists of each model, shape (n_persons, ``DEPTH``).
        split: what was judged on.
    """

    models: tuple[str, ...]
    values: Doubles
    lists: tuple[TopN, ...]
    split: Split

    def of_lists(self, rows: Flags) -> Doubles:
        """``LIST_METRICS`` of each model over some persons; shape (n_models, n_metrics)."""
        candidates = self.split.candidates
        return np.array(
            [
                [
                    coverage(top.items[rows], candidates, DEPTH),
                    exposure_gini(top.items[rows], candidates, DEPTH),
                ]
                for top in self.lists
            ]
        )


def judge(
    recommender: Recommender, models: Sequence[Model], split: Split, catalogue: Catalogue
) -> Judgement:
    """Rank the full catalogue for every judged person by every model and measure the lists.

    Where a model has no opinion the ladder goes on with popularity in the department and then
    overall, as it does when serving: what is judged is what a person would see.

    Args:
        recommender: fitted on ``split.train``.
        models: the models to judge.
        split: the held-out days.
        catalogue: products.
    """
    n_met = np.bincount(split.seen.indices, minlength=catalogue.n_products).astype(np.float64)
    information = self_information(n_met, split.train.n_persons)
    lists = tuple(lists_of(model, recommender, split) for model in models)
    values = np.stack([_measure(top, split, catalogue, information) for top in lists], axis=1)
    return Judgement(tuple(model.name for model in models), values, lists, split)


def lists_of(model: Model, recommender: Recommender, split: Split) -> TopN:
    """The lists of a model for the judged persons, down the ladder; see ``judge``."""
    rungs = (model, *below(model, recommender))
    parts = []
    for batch in batches(len(split.persons), len(split.candidates)):
        persons = split.persons[batch]
        allowed = allowed_block(len(persons), split.candidates, split.seen[persons])
        ladder = [for_persons(rung, persons, allowed) for rung in rungs]
        parts.append(top_n(ladder, allowed, DEPTH))
    return stack(parts, DEPTH)


def below(model: Model, recommender: Recommender) -> tuple[Model, ...]:
    """The rungs that fill what a model leaves open, as when serving."""
    last = recommender.in_department, recommender.popular
    return (recommender.blend, *last) if model.name == Ranked.name else last


def _measure(top: TopN, split: Split, catalogue: Catalogue, information: Doubles) -> Doubles:
    hits, n_relevant = hits_of(top.items, split.relevant), split.n_relevant
    return np.column_stack(
        [
            recall(hits, n_relevant, 20),
            ndcg(hits, n_relevant, 10),
            average_precision(hits, n_relevant, 12),
            reciprocal_rank(hits, 20),
            hit_rate(hits, 20),
            novelty(top.items, information, 20),
            diversity(top.items, catalogue.category, catalogue.brand, 20),
        ]
    )
