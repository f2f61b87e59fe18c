"""Who stands before the gate, as arrays: a champion, a challenger, or a model planted by a test."""

from __future__ import annotations

from dataclasses import dataclass

from trasos.recommender.arrays import Codes, Doubles, Sparse


@dataclass(frozen=True)
class Lists:
    """The lists of one slot that a model would serve.

    Attributes:
        slot: name of the slot, ``for_you``, ``similar`` or ``popular``.
        subjects: int32 (b,), codes of the persons, products or segments that the lists are for.
        items: int32 (b, n), product codes, best first; -1 where one is missing.
        scores: float64 (b, n).
        barred: CSR (b, n_products) of ones, what may not stand in each list.
        n_wanted: subjects that ought to have a list.
        length: products that each list ought to have.
    """

    slot: str
    subjects: Codes
    items: Codes
    scores: Doubles
    barred: Sparse
    n_wanted: int
    length: int


@dataclass(frozen=True)
class Rehearsal:
    """The same model as it would have been at the beginning of the test.

    Attributes:
        trained_through: seconds, the last interaction that it learnt from.
        items: int32 (n_persons, depth), its lists for the judged persons.
        met: CSR (n_persons, n_products), what it holds as met by the judged persons.
        tuned_ndcg: NDCG@10 of what serves on the days that it was chosen on; nan where it was not.
        tuned_persons: persons it was chosen on; 0 where it was not.
    """

    trained_through: int
    items: Codes
    met: Sparse
    tuned_ndcg: float
    tuned_persons: int


@dataclass(frozen=True)
class Contender:
    """A model with what it would serve and how it did.

    Attributes:
        model_version: its name.
        trained_through: seconds, the last interaction that it learnt from.
        served: its lists for today, by slot.
        rehearsal: None where the log is too short to hold days out.
    """

    model_version: str
    trained_through: int
    served: tuple[Lists, ...]
    rehearsal: Rehearsal | None

    def slot(self, name: str) -> Lists:
        """The lists of one slot."""
        (found,) = (lists for lists in self.served if lists.slot == name)
        return found
