"""``python -m bench.recommender.renewal``: lists for whom something changed, beside all lists anew.

The shop of ``make demo`` is simulated; a model is trained to the end of a day and answers; a day
later it answers again, once for everybody and once with the lists of the day before. Processor
seconds of one process, reading of tables included, in turns; the median of pairs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich import box
from rich.console import Console
from rich.table import Table

from bench.recommender.simulated import simulated_shop
from trasos import recommender
from trasos.simulator.config import SimulationConfig

ROUNDS = 3
AGES = (0, 7, 28)


@dataclass(frozen=True)
class Measured:
    """What one bound on age brings.

    Attributes:
        max_age_days: the bound.
        renewed: share of the lists that were made anew, of persons with history.
        cost: CPU seconds, of those of all lists made anew.
        overlap: of a list's products, the share that a list made anew holds too.
    """

    max_age_days: int
    renewed: float
    cost: float
    overlap: float


def measure(config: SimulationConfig, artefacts: Path) -> tuple[int, float, list[Measured]]:
    """Answer on the last day of a shop with and without the lists of the day before.

    Args:
        config: of the shop.
        artefacts: an empty folder.

    Returns:
        Persons with history, CPU seconds of all their lists, and one entry a bound.
    """
    table, products, _ = simulated_shop(config)
    last_day = pc.floor_temporal(pc.max(table["event_at"]), unit="day")
    before = table.filter(pc.less(table["event_at"], last_day))
    given = {"products": products, "params": {}, "artefacts": artefacts}
    recommender.train(before, **given)
    asked = pa.table({"person_id": pc.unique(table["person_id"])})
    recommender.judgement(before, **given, persons=asked, bounds={})
    serving = {**given, "persons": asked, "champion": recommender.champion(artefacts)}

    def timed(**more: Any) -> tuple[Any, float]:
        begun = time.process_time()
        lists = recommender.recommendations(interactions=table, **serving, **more)
        return lists, time.process_time() - begun

    found, costs = [], []
    for age in AGES:
        standing = recommender.recommendations(interactions=before, **serving, max_age_days=age)
        pairs = [
            (timed(max_age_days=age), timed(standing=standing, max_age_days=age))
            for _ in range(ROUNDS)
        ]
        anew, kept = pairs[0][0][0], pairs[0][1][0]
        newest = pc.equal(kept["as_of"], pc.max(kept["as_of"]))
        costs += [all_lists for (_, all_lists), _ in pairs]
        found.append(
            Measured(
                age,
                pc.mean(newest).as_py(),
                median(some / all_lists for (_, all_lists), (_, some) in pairs),
                _overlap(kept, anew),
            )
        )
    return asked.num_rows, median(costs), found


def _overlap(kept: Any, anew: Any) -> float:
    both = [
        np.char.add(
            np.array(lists["person_id"].to_pylist()), np.array(lists["product_id"].to_pylist())
        )
        for lists in (kept, anew)
    ]
    return float(np.isin(*both).mean())


def main() -> None:
    """Measure and show."""
    say = Console().print
    with TemporaryDirectory() as folder:
        n_persons, seconds, found = measure(SimulationConfig(images=False), Path(folder))
    say(f"{n_persons:,} persons, all lists anew: {seconds:.1f} CPU s (median)")
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("max_age_days", "lists made anew", "CPU, of all anew", "products as if anew"):
        table.add_column(name, justify="right")
    for row in found:
        table.add_row(
            str(row.max_age_days), f"{row.renewed:.0%}", f"{row.cost:.2f}", f"{row.overlap:.0%}"
        )
    say(table)


if __name__ == "__main__":
    main()
