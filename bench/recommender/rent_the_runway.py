"""``python -m bench.recommender.rent_the_runway``: cold and warm dresses, rented for real.

Misra, Wan and McAuley 2018, in ``$TRASOS_DATA/rent_the_runway``. One split in time; a fifth of the
dresses at a time, five times, loses all its rentals before the split, so that every dress is cold
once; and all that for three partitions. Every dress that was rented before the split competes. All
choices are made the same way half a year earlier; the test is looked at once, at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.recommender.cold import Case, difference, pooled, summary
from bench.recommender.cold_report import render
from bench.recommender.rent_the_runway_models import Fitted, Rentals, said_of
from bench.recommender.rent_the_runway_tuning import Chosen, choose
from trasos.errors import InputError
from trasos.recommender.arrays import Flags
from trasos.recommender.content.attributes import codes_of
from trasos.recommender.data import Catalogue, InteractionLog

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TRASOS_DATA") or ROOT.parent / "shared/data") / "rent_the_runway"
RESULTS = ROOT / "bench/results/rent_the_runway.json"

PARTITIONS, FOLDS, SEED = 3, 5, 11
#: Cases of validation; the test takes all.
VALIDATED = 3
VALIDATION_FROM = int(np.datetime64("2017-01-01", "s").astype(np.int64))
TEST_FROM = int(np.datetime64("2017-07-01", "s").astype(np.int64))


def read(folder: Path) -> Rentals:
    """Read the rentals; a dress' category is the one that most of its rows name.

    Raises:
        InputError: the file is not there.
    """
    path = folder / "cleandata.parquet"
    if not path.exists():
        raise InputError(f"{path} is not there: set TRASOS_DATA to the folder of the data sets.")
    rows = pq.read_table(path)
    item = rows["item_id"].cast(pa.string()).combine_chunks()
    counted = (
        pa.table({"item": item, "category": rows["category"].cast(pa.string()).combine_chunks()})
        .group_by(["item", "category"])
        .aggregate([([], "count_all")])
        .sort_by([("count_all", "descending"), ("category", "ascending")])
        .group_by("item", use_threads=False)
        .aggregate([("category", "first")])
    )
    n = counted.num_rows
    catalogue = Catalogue.from_arrow(
        pa.table(
            {
                "product_id": counted["item"],
                "department": counted["category_first"],
                "category": counted["category_first"],
                "brand": pa.nulls(n, pa.string()),
                "launched_at": pa.nulls(n, pa.timestamp("s")),
                "is_on_sale": pa.array(np.ones(n, np.bool_)),
            }
        )
    )
    log = InteractionLog.from_arrow(
        pa.table(
            {
                "person_id": rows["user_id"].cast(pa.string()),
                "product_id": item,
                # A session a row, so that each rental leads back to what was said with it.
                "session_id": [f"{row:09d}" for row in range(rows.num_rows)],
                "event_type": pa.repeat("rented", rows.num_rows),
                "event_at": rows["review_date"],
                "weight": pa.array(np.ones(rows.num_rows)),
            }
        ),
        catalogue,
    )
    of_item = pc.index_in(catalogue.product_ids, value_set=counted["item"].combine_chunks())
    category = codes_of(counted["category_first"].combine_chunks())[of_item.to_numpy()]
    rng = np.random.default_rng(SEED)
    fold = np.stack([rng.permutation(catalogue.n_products) % FOLDS for _ in range(PARTITIONS)])
    return Rentals(log, catalogue, category, fold.astype(np.int32), said_of(rows))


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


def judged(rentals: Rentals, chosen: Chosen, found: list[Case], sizes: bool) -> dict[str, Any]:
    """Means and differences over some cases; the hybrid against each pure model and its parts."""
    past = rentals.log.before(found[0].as_of)
    by_model: dict[str, list[Any]] = {}
    for case in found:
        fitted = Fitted.fit(case, past, rentals, chosen.settings, sizes=sizes)
        for name, ladder in fitted.ladders().items():
            values = case.values(case.lists(ladder))
            by_model.setdefault(name, []).append((case.person_ids, values))
    values = {name: pooled(parts)[1] for name, parts in by_model.items()}
    hybrid = values["hybrid"]
    return {
        "means": {name: summary(of_model) for name, of_model in values.items()},
        "hybrid_against": {
            name: difference(hybrid, of_model)
            for name, of_model in values.items()
            if name != "hybrid"
        },
    }


def measure(folder: Path = DATA) -> dict[str, Any]:
    """Choose on validation, then look at the test once.

    Raises:
        InputError: the data are not there.
    """
    begun = time.process_time()
    rentals = read(folder)
    end = rentals.log.last_at + 1
    validation = list(cases(rentals, VALIDATION_FROM, TEST_FROM, n=VALIDATED))
    chosen = choose(validation, rentals.log.before(VALIDATION_FROM), rentals)
    tuned = time.process_time()
    test = judged(rentals, chosen, list(cases(rentals, TEST_FROM, end)), sizes=True)
    late = judged(rentals, chosen, [newcomers(rentals, TEST_FROM, end)], sizes=False)
    return {
        "rentals": rentals.log.n_events,
        "products": rentals.catalogue.n_products,
        "persons": rentals.log.n_persons,
        "settings": chosen.settings.described(),
        "validation": chosen.found,
        "tried": chosen.n_tried,
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
