"""``python -m bench.recommender.rent_the_runway``: cold and warm dresses, rented for real.

Misra, Wan and McAuley 2018, in ``$TRASOS_DATA/rent_the_runway``. One split in time; a fifth of the
dresses at a time, five times, loses all its rentals before the split, so that every dress is cold
once; and all that for three partitions. Every dress that was rented before the split competes. All
choices are made the same way on the two half years before; the test is looked at in the end.

The test has been read before, for other hybrids (docs/decisions/cold_items.md). Laid down before
this reading, the fifth:

- The hybrid gives each list the same share of places to cold dresses, in the order of content alone
  as it was chosen on validation, and the others to clicks, weighed and lifted. The share is the one
  of ``SHARES`` that finds most cold dresses on validation, of those within ``TOLERANCE``.
- The figure is recall@20 of cold dresses, of the hybrid minus the best pure model.
- The aim is met if its interval lies above zero, and that of warm recall@20 against the best pure
  model does not lie below. The first allows for five readings (Bonferroni: 99 %), the second is of
  95 %, which is the stricter there. Whatever comes is reported, and not followed by a change.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench.recommender.cold import CONFIDENCE, Case, difference, pooled, summary
from bench.recommender.cold_report import render
from bench.recommender.rent_the_runway_data import DATA, FOLDS, PARTITIONS, ROOT, Rentals, read
from bench.recommender.rent_the_runway_models import Fitted
from bench.recommender.rent_the_runway_powers import learnt_powers
from bench.recommender.rent_the_runway_tuning import Chosen, choose
from trasos.errors import InputError
from trasos.recommender.arrays import Doubles, Flags
from trasos.recommender.data import InteractionLog

RESULTS = ROOT / "bench/results/rent_the_runway.json"

#: Cases of each half year of validation; the test takes all.
VALIDATED = 3


def moment(day: str) -> int:
    """Seconds of a day's beginning."""
    return int(np.datetime64(day, "s").astype(np.int64))


VALIDATION_FROM = moment("2016-07-01"), moment("2017-01-01")
TEST_FROM = moment("2017-07-01")

#: How often the test has been looked at, with this time.
READINGS = 5


def cases(rentals: Rentals, since: int, until: int, n: int = PARTITIONS * FOLDS) -> Iterator[Case]:
    """One case a fold of a partition: its dresses are cold, all others warm; see the module.

    Args:
        rentals: the data set.
        since: seconds, the split.
        until: seconds, the end of what is asked for.
        n: so many cases alone.
    """
    past, later = rentals.log.before(since), rentals.log.before(until).from_moment(since)
    candidates = _rented(past)
    for number in range(n):
        fold = rentals.fold[number // FOLDS] == number % FOLDS
        yield Case.cut(past, later, fold & candidates, candidates, since)


def newcomers(rentals: Rentals, since: int, until: int) -> Case:
    """Cold are the dresses first rented after the split; they compete with all rented before."""
    past, later = rentals.log.before(since), rentals.log.before(until).from_moment(since)
    candidates = _rented(past)
    cold = _rented(later) & ~candidates
    return Case.cut(past, later, cold, candidates | cold, since)


def _rented(log: InteractionLog) -> Flags:
    there = np.zeros(log.n_products, np.bool_)
    there[log.product] = True
    return there


#: By model: persons and their values, a case each.
ByModel = dict[str, list[tuple[Any, Doubles]]]


def values_of(rentals: Rentals, chosen: Chosen, found: Iterable[Case], sizes: bool) -> ByModel:
    """What each model's lists are worth to the persons of some cases."""
    by_model: ByModel = {}
    for case in found:
        fitted = Fitted.fit(case, rentals, chosen.settings, sizes=sizes)
        for name, ladder in fitted.ladders().items():
            values = case.values(case.lists(ladder))
            by_model.setdefault(name, []).append((case.person_ids, values))
    return by_model


def compared(by_model: ByModel, readings: int = 1) -> dict[str, Any]:
    """Means and differences over all cases; the hybrid against each pure model and its parts.

    Args:
        by_model: values of each.
        readings: how often these cases have been looked at. With more than one there are wider
            intervals beside those of 95 %, which hold in all readings together.
    """
    values = {name: pooled(parts)[1] for name, parts in by_model.items()}
    hybrid = values.pop("hybrid")
    found: dict[str, Any] = {
        "means": {name: summary(each) for name, each in (values | {"hybrid": hybrid}).items()},
        "hybrid_against": {name: difference(hybrid, each) for name, each in values.items()},
    }
    if readings > 1:
        confidence = 1 - (1 - CONFIDENCE) / readings
        found["all_readings"] = {
            "confidence": round(confidence, 6),
            "hybrid_against": {
                name: difference(hybrid, each, confidence) for name, each in values.items()
            },
        }
    return found


def judged(
    rentals: Rentals, chosen: Chosen, found: Iterable[Case], sizes: bool, readings: int = 1
) -> dict[str, Any]:
    """Values over some cases, compared."""
    return compared(values_of(rentals, chosen, found, sizes), readings)


def chosen_on(rentals: Rentals, splits: Sequence[int]) -> Chosen:
    """Choose on what followed each split but the last, until the next one."""
    return choose(
        [
            case
            for since, until in pairwise(splits)
            for case in cases(rentals, since, until, n=VALIDATED)
        ],
        rentals,
    )


def rehearsed(rentals: Rentals, chosen: Chosen) -> dict[str, Any]:
    """The test's comparison before the test: powers of the first half year, judged on the second.

    Where the powers were fitted the hybrid looks better than it is, and they are most of what was
    chosen.
    """
    first, second, third = (*VALIDATION_FROM, TEST_FROM)
    settings = chosen.settings
    early = [
        Fitted.fit(case, rentals, settings, sizes=True)
        for case in cases(rentals, first, second, n=VALIDATED)
    ]
    clicks, lifts = learnt_powers(early)
    earlier = replace(chosen, settings=replace(settings, clicks=clicks, lifts=lifts))
    return judged(rentals, earlier, cases(rentals, second, third, n=VALIDATED), sizes=True)


def measure(folder: Path = DATA) -> dict[str, Any]:
    """Choose on validation, then look at the test once.

    Raises:
        InputError: the data are not there.
    """
    begun = time.process_time()
    rentals = read(folder)
    end = rentals.log.last_at + 1
    chosen = chosen_on(rentals, (*VALIDATION_FROM, TEST_FROM))
    rehearsal = rehearsed(rentals, chosen)
    tuned = time.process_time()
    test = judged(rentals, chosen, cases(rentals, TEST_FROM, end), True, READINGS)
    late = judged(rentals, chosen, [newcomers(rentals, TEST_FROM, end)], False, READINGS)
    return {
        "rentals": rentals.log.n_events,
        "products": rentals.catalogue.n_products,
        "persons": rentals.log.n_persons,
        "settings": chosen.settings.described(),
        "validation": chosen.found,
        "tried": chosen.n_tried,
        "rehearsal": rehearsal,
        "test": test,
        "newcomers": late,
        "cpu_seconds": {
            "choosing": round(tuned - begun, 1),
            "test": round(time.process_time() - tuned, 1),
        },
    }


def main() -> None:
    """Measure, keep the results and render the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--render", action="store_true", help="the page alone, from the results")
    asked = parser.parse_args()
    if not asked.render:
        try:
            result = measure()
        except InputError as error:
            raise SystemExit(str(error)) from error
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    render()


if __name__ == "__main__":
    main()
