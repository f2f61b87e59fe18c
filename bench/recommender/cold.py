"""Lists among cold and warm products, and what they are worth to each person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Doubles, Flags, Sparse
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.data import InteractionLog
from trasos.recommender.matrix import seen_products
from trasos.recommender.metrics import hits_of, ndcg, recall
from trasos.recommender.models.model import Model, for_persons
from trasos.recommender.rank import TopN, allowed_block, batches, stack, top_n

DEPTH, K = 20, 10
RESAMPLES, CONFIDENCE, SEED = 5_000, 0.95, 7
KINDS = ("warm", "cold", "all")
METRICS = ("recall", "ndcg")


@dataclass(frozen=True)
class Case:
    """Persons who are asked about, and a catalogue of which a part is cold.

    Attributes:
        train: what may be learnt from; no row of a cold product.
        persons: int32 codes in ``train`` of the persons, all with history there.
        seen: CSR (len(persons), n_products), what each met before, cold products too.
        relevant: CSR (len(persons), n_products), what each took later and had not met.
        candidates: bool (n_products,).
        cold: bool (n_products,).
        as_of: seconds, the moment of the split.
    """

    train: InteractionLog
    persons: Codes
    seen: Sparse
    relevant: Sparse
    candidates: Flags
    cold: Flags
    as_of: int

    @classmethod
    def cut(
        cls, past: InteractionLog, later: InteractionLog, cold: Flags, candidates: Flags, as_of: int
    ) -> Case:
        """Take the rows of cold products out of the past, and ask the persons who are left.

        Args:
            past: interactions before the split.
            later: interactions to be found, of the same persons and products.
            cold: products nobody may have been seen with.
            candidates: products that may be listed.
            as_of: seconds.
        """
        train, code = past.take(~cold[past.product]).with_own_persons()
        seen = seen_products(past)
        chosen = seen_products(later)
        chosen = chosen - chosen.multiply(seen)
        chosen = _only(chosen, candidates)
        asked = np.flatnonzero((np.diff(chosen.indptr)[:-1] > 0) & (code >= 0))
        relevant = chosen[asked]
        relevant.sort_indices()
        return cls(train, code[asked], seen[asked], relevant, candidates, cold, as_of)

    @property
    def person_ids(self) -> Any:
        """Strings, in the order of the rows."""
        return np.array(self.train.person_ids.to_pylist())[self.persons]

    def met(self) -> Doubles:
        """Persons who met each product in training; float64 (n_products,)."""
        return np.asarray(seen_products(self.train).sum(axis=0), np.float64).ravel()

    def lists(self, ladder: Sequence[Model]) -> TopN:
        """The best products for each person, down a ladder of models."""
        parts = []
        for batch in batches(len(self.persons), len(self.candidates)):
            persons = self.persons[batch]
            allowed = allowed_block(len(persons), self.candidates, self.seen[batch])
            rungs = [for_persons(model, persons, allowed) for model in ladder]
            parts.append(top_n(rungs, allowed, DEPTH))
        return stack(parts, DEPTH)

    def values(self, top: TopN) -> Doubles:
        """recall@20 and NDCG@10 a person, of warm products, of cold ones, and of all.

        Returns:
            float64 of shape (n_persons, len(KINDS), len(METRICS)); nan for who took none.
        """
        out = np.full((len(self.persons), len(KINDS), len(METRICS)), np.nan)
        for place, mask in enumerate((~self.cold, self.cold, np.ones_like(self.cold))):
            relevant = _only(self.relevant, mask)
            n_relevant = np.diff(relevant.indptr)
            rows = np.flatnonzero(n_relevant)
            hits, wanted = hits_of(top.items, relevant)[rows], n_relevant[rows]
            out[rows, place, 0] = recall(hits, wanted, DEPTH)
            out[rows, place, 1] = ndcg(hits, wanted, K)
        return out


def _only(matrix: Sparse, products: Flags) -> Sparse:
    kept = csr_array(matrix.multiply(products[None, :].astype(matrix.dtype)))
    kept.eliminate_zeros()
    kept.sort_indices()
    return kept


def pooled(found: Iterable[tuple[Any, Doubles]]) -> tuple[Any, Doubles]:
    """One value a person over several cases: the mean over those in which there was something.

    Args:
        found: ids of persons and their values, a case each.

    Returns:
        Sorted ids, and values of the same shape as each part's; nan where no case had any.
    """
    parts = list(found)
    ids, row = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    values = np.concatenate([part[1] for part in parts])
    is_there = ~np.isnan(values)
    total = np.zeros((len(ids), *values.shape[1:]))
    count = np.zeros_like(total)
    np.add.at(total, row, np.where(is_there, values, 0.0))
    np.add.at(count, row, is_there)
    return ids, np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def summary(values: Doubles) -> dict[str, dict[str, float]]:
    """Mean and number of persons, by kind and metric."""
    rows: dict[str, dict[str, float]] = {}
    for place, kind in enumerate(KINDS):
        is_there = ~np.isnan(values[:, place, 0])
        rows[kind] = {"n_persons": int(is_there.sum())}
        if not is_there.any():
            continue
        for metric, name in enumerate(METRICS):
            rows[kind][name] = round(float(values[is_there, place, metric].mean()), 6)
    return rows


def difference(
    values: Doubles, against: Doubles, confidence: float = CONFIDENCE
) -> dict[str, dict[str, list[float]]]:
    """Paired differences with their intervals, by kind and metric: [mean, low, high]."""
    rows: dict[str, dict[str, list[float]]] = {}
    for place, kind in enumerate(KINDS):
        is_there = ~np.isnan(values[:, place, 0])
        if not is_there.any():
            continue
        paired = values[is_there, place] - against[is_there, place]
        low, high = percentile_interval(resampled_means(paired, RESAMPLES, SEED), confidence)
        rows[kind] = {
            name: [
                round(float(x), 6) for x in (paired[:, metric].mean(), low[metric], high[metric])
            ]
            for metric, name in enumerate(METRICS)
        }
    return rows
