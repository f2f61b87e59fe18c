"""One split in time for everyone: before it models learn, after it they are judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import SECONDS_A_DAY, Codes, Flags, Sparse
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import seen_products
from trasos.recommender.params import RecommenderParams


@dataclass(frozen=True)
class Split:
    """A log cut at a moment.

    Attributes:
        split_at: seconds; training holds all before it, the test all from it on.
        train: the interactions before, with only the persons who occur in them: nobody who comes
            later can change what is learnt.
        persons: int32, codes in ``train`` of the persons who are judged; -1 without training
            history. Sorted by person id.
        relevant: CSR of ones (len(persons), n_products): distinct products that each of them
            chose in the test, were on sale at the split and were not met in training.
        seen: CSR of ones (train.n_persons + 1, n_products): what was met in training.
        candidates: bool (n_products,), the catalogue at the split.
    """

    split_at: int
    train: InteractionLog
    persons: Codes
    relevant: Sparse
    seen: Sparse
    candidates: Flags

    @property
    def n_relevant(self) -> Codes:
        """Number of relevant products of each judged person, all above zero."""
        return np.asarray(np.diff(self.relevant.indptr), np.int32)


def split_as_tuned(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, days: int
) -> Split | None:
    """``split_in_time`` by what ``params`` count as chosen and as evidence of being on sale."""
    return split_in_time(
        log,
        catalogue,
        days,
        relevant_types=params.relevant_event_types,
        evidence_days=params.on_sale_evidence_days,
    )


def split_in_time(
    log: InteractionLog,
    catalogue: Catalogue,
    days: int,
    *,
    relevant_types: tuple[str, ...],
    evidence_days: float,
) -> Split | None:
    """Hold out the last days of a log.

    The policy is discovery: what a person met in training is neither recommended to nor counted
    for them, so that repeating the past earns nothing.

    Args:
        log: interactions.
        catalogue: products.
        days: length of the test, ending with the last interaction.
        relevant_types: event types that count as chosen in the test.
        evidence_days: see ``on_sale_at``.

    Returns:
        The split, or None where nothing lies before it or nobody is left to be judged.
    """
    split_at = log.last_at + 1 - days * SECONDS_A_DAY
    past = log.before(split_at)
    if past.n_events == 0:
        return None
    train, train_code = past.with_own_persons()
    candidates = on_sale_at(split_at, past, catalogue, evidence_days)
    test = log.from_moment(split_at)
    test = test.take(test.is_type(relevant_types) & candidates[test.product])
    seen_before = seen_products(past)
    chosen = seen_products(test)
    chosen = chosen - chosen.multiply(seen_before)
    chosen.eliminate_zeros()
    judged = np.flatnonzero(np.diff(chosen.indptr))
    if len(judged) == 0:
        return None
    relevant = chosen[judged]
    relevant.sort_indices()
    return Split(
        split_at=split_at,
        train=train,
        persons=train_code[judged],
        relevant=relevant,
        seen=seen_products(train),
        candidates=candidates,
    )


def on_sale_at(
    moment: int, past: InteractionLog, catalogue: Catalogue, evidence_days: float
) -> Flags:
    """Which products were on sale at a moment, as far as can be known today.

    The catalogue tells only whether a product is on sale now. One that is not, but was met in the
    days before the moment, was on sale then.

    Args:
        moment: seconds.
        past: interactions before the moment.
        catalogue: products.
        evidence_days: how many days before the moment count as evidence.
    """
    met = np.zeros(catalogue.n_products, np.bool_)
    since = moment - int(evidence_days * SECONDS_A_DAY)
    met[past.from_moment(since).product] = True
    return (catalogue.launched_at <= moment) & (catalogue.is_on_sale | met)
