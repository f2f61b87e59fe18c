"""The persons of one experiment as arrays."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from trasos.errors import InputError
from trasos.experiments.sample import Doubles, Sample
from trasos.experiments.setup import COVARIATES, Experiment

COUNTED = "counted"
SEGMENTS = ("device_type", "country", "visitor_kind")
NUMBERS = (
    *COVARIATES,
    "unvalued_order_count",
    "pre_order_count",
    "pre_session_count",
    "pre_net_revenue",
)
TEXTS = ("experiment_id", "person_id", "variation_id", "status", *SEGMENTS)


@dataclass(frozen=True)
class Units:
    """Persons of one experiment, in the order of their ids.

    Attributes:
        statuses: how many persons have which status; only the counted ones are in the arrays.
        person_id: (persons,) ids.
        variation: (persons,) what each saw, dtype object.
        closed: (persons,) day on which the window of outcomes closed, dtype datetime64[D].
        numbers: by column of fct_experiment_persons (persons,) float64.
        segments: by column (persons,) texts, dtype object; who has none is in ``unknown``.
        as_of: newest moment of the data; None where nobody was exposed.
    """

    statuses: Counter[str]
    person_id: npt.NDArray[np.object_]
    variation: npt.NDArray[np.object_]
    closed: npt.NDArray[np.datetime64]
    numbers: dict[str, Doubles]
    segments: dict[str, npt.NDArray[np.object_]]
    as_of: dt.datetime | None

    def __len__(self) -> int:
        """Persons that are counted."""
        return len(self.variation)

    def of(self, variation: str) -> npt.NDArray[np.bool_]:
        """(persons,) who saw a variation."""
        found: npt.NDArray[np.bool_] = self.variation == variation
        return found

    def at_planned_end(self, planned: int) -> Units:
        """The persons at the end of the day on which the planned number was reached.

        All of them, where it was not. The fixed read-out looks here and never again: whoever goes
        on looking as persons are added needs the sequential one.
        """
        if len(self) <= planned:
            return self
        kept = self.closed <= np.sort(self.closed)[planned - 1]
        return replace(
            self,
            person_id=self.person_id[kept],
            variation=self.variation[kept],
            closed=self.closed[kept],
            numbers={name: values[kept] for name, values in self.numbers.items()},
            segments={name: values[kept] for name, values in self.segments.items()},
        )

    def counts(self, experiment: Experiment) -> list[int]:
        """Counted persons by variation, in the order of the allocation."""
        return [int(self.of(name).sum()) for name, _ in experiment.allocation.weights]

    def covariates(self, metric: str) -> Doubles:
        """(persons, k) what CUPED takes out of a metric."""
        return np.column_stack([self.numbers[name] for name in COVARIATES[metric]])

    def samples(self, values: Doubles, control: str, treatment: str) -> tuple[Sample, Sample]:
        """The two groups of a comparison, summed up."""
        return Sample.of(values[self.of(control)]), Sample.of(values[self.of(treatment)])


def read_units(persons: Any, experiment: Experiment) -> Units:
    """Take the persons of one experiment out of fct_experiment_persons.

    Args:
        persons: ``pyarrow.Table`` of the model, of all experiments, in any order.
        experiment: which one.

    Raises:
        InputError: a column is missing.
    """
    missing = sorted({*TEXTS, *NUMBERS, "window_ends_at", "as_of"} - set(persons.column_names))
    if missing:
        raise InputError(
            f"fct_experiment_persons lacks {', '.join(missing)}: build the model anew, "
            "`dbt build --select fct_experiment_persons`."
        )
    mine = persons.filter(pc.equal(persons["experiment_id"], experiment.experiment_id))
    mine = mine.sort_by("person_id")
    statuses: Counter[str] = Counter(mine["status"].to_pylist())
    counted = mine.filter(pc.equal(mine["status"], COUNTED))
    return Units(
        statuses=statuses,
        person_id=_texts(counted, "person_id"),
        variation=_texts(counted, "variation_id"),
        closed=counted["window_ends_at"].to_numpy().astype("datetime64[D]"),
        numbers={name: _numbers(counted, name) for name in NUMBERS},
        segments={name: _texts(counted, name) for name in SEGMENTS},
        as_of=pc.max(mine["as_of"]).as_py(),
    )


def _numbers(table: Any, name: str) -> Doubles:
    found: Doubles = np.asarray(table[name].cast(pa.float64()).to_numpy(), np.float64)
    return found


def _texts(table: Any, name: str) -> npt.NDArray[np.object_]:
    return np.array(table[name].fill_null("unknown").to_pylist(), dtype=object)
