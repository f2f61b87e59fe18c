"""What each source of candidates finds of what people chose, and what it alone finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from trasos.recommender.arrays import Codes, Doubles, Flags, Sparse
from trasos.recommender.candidates.pool import pool
from trasos.recommender.candidates.sources import repeats, sources
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import seen_products
from trasos.recommender.models.model import Model
from trasos.recommender.params import RecommenderParams
from trasos.recommender.parts import Recommender
from trasos.recommender.rank import allowed_block, batches
from trasos.recommender.split import Split
from trasos.recommender.sql import Events

NEW, ANY = "new", "any"
"""Policies: only what a person had not met before, as ``for_you``; or also what they had."""

TOGETHER = "all sources"

ROWS = pa.schema(
    [
        pa.field("policy", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("depth", pa.int32(), nullable=False),
        pa.field("recall", pa.float64(), nullable=False),
        pa.field("recall_alone", pa.float64(), nullable=False),
        pa.field("mean_candidates", pa.float64(), nullable=False),
        pa.field("n_persons", pa.int64(), nullable=False),
    ]
)
"""One row a policy and source, and one for all together. recall is the mean over persons of the
share of what they chose in the test that is among the candidates; recall_alone is what all
together would lose without the source (of all together, all)."""


@dataclass(frozen=True)
class _Asked:
    """Persons, what may be shown to them, and what they chose; rows by person."""

    persons: Codes
    chosen: Sparse
    barred: Sparse


def candidate_recall(
    recommender: Recommender,
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    split: Split,
) -> pa.Table:
    """Measure every source on the held-out days, under both policies, over persons with history.

    Args:
        recommender: fitted on ``split.train``.
        log: the whole log, from which the split was cut.
        catalogue: products.
        params: tunables.
        split: the held-out days.

    Returns:
        ``pyarrow.Table`` with schema ``ROWS``.
    """
    with Events.of(split.train, catalogue, params) as events:
        of_new = sources(recommender, split.train, catalogue, params, events)
        of_any = (*of_new, *repeats(split.train, params, events))
    warm = np.flatnonzero(split.persons >= 0)
    persons = split.persons[warm]
    new = _Asked(persons, split.relevant[warm], split.seen[persons])
    rows = _measure(NEW, of_new, new, split, params)
    rows += _measure(ANY, of_any, _all_chosen(log, split, params), split, params)
    return pa.Table.from_pylist(rows, schema=ROWS)


def _all_chosen(log: InteractionLog, split: Split, params: RecommenderParams) -> _Asked:
    """All that persons with history chose in the test, met before or not; bought is barred."""
    _, code = log.before(split.split_at).with_own_persons()
    test = log.from_moment(split.split_at)
    test = test.take(test.is_type(params.relevant_event_types) & split.candidates[test.product])
    bought = seen_products(split.train.take(split.train.is_type(params.order_event_types)))
    chosen = seen_products(test)
    known = np.flatnonzero((np.diff(chosen.indptr)[:-1] > 0) & (code >= 0))
    persons = code[known]
    wanted = chosen[known] - chosen[known].multiply(bought[persons])
    wanted.eliminate_zeros()
    left = np.flatnonzero(np.diff(wanted.tocsr().indptr))
    return _Asked(persons[left], wanted.tocsr()[left], bought[persons[left]])


def _measure(
    policy: str, of: Sequence[Model], asked: _Asked, split: Split, params: RecommenderParams
) -> list[dict[str, object]]:
    n_persons = len(asked.persons)
    if n_persons == 0:
        return []
    # For each person and source: recall, recall of all others, number of candidates.
    found = np.zeros((n_persons, len(of) + 1, 3))
    for batch in batches(n_persons, len(split.candidates)):
        persons = asked.persons[batch]
        allowed = allowed_block(len(persons), split.candidates, asked.barred[batch])
        candidates = pool(of, persons, allowed, params.candidate_depth)
        wanted = asked.chosen[batch].toarray() > 0
        brought = np.stack([ranks > 0 for ranks in candidates.ranks])
        times = brought.sum(axis=0)
        for place, own in enumerate(brought):
            found[batch, place] = _shares(own, (times - own) > 0, wanted)
        found[batch, -1] = _shares(times > 0, np.zeros_like(wanted), wanted)
    means = found.mean(axis=0)
    union = means[-1, 0]
    names = [*(source.name for source in of), TOGETHER]
    return [
        {
            "policy": policy,
            "source": name,
            "depth": params.candidate_depth,
            "recall": float(recall),
            "recall_alone": float(union - without),
            "mean_candidates": float(candidates),
            "n_persons": n_persons,
        }
        for name, (recall, without, candidates) in zip(names, means, strict=True)
    ]


def _shares(own: Flags, others: Flags, wanted: Flags) -> Doubles:
    n_wanted = wanted.sum(axis=1)
    return np.column_stack(
        [
            (own & wanted).sum(axis=1) / n_wanted,
            (others & wanted).sum(axis=1) / n_wanted,
            own.sum(axis=1),
        ]
    ).astype(np.float64)
