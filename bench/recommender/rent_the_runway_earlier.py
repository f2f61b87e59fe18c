"""``python -m bench.recommender.rent_the_runway_earlier``: the rentals' comparison at other splits.

One split gives cold dresses a wide interval. This asks two splits before it, January 2016 and July
2015. They have been read before, for a hybrid that put cold dresses on a floor. Laid down before
each reading:

- The procedure is the test's: models, grids and rules of choice, dresses cold by the same fifths.
  Each split chooses all numbers anew, on the two half years before it, and never sees what follows
  it. The half years from July 2016 to June 2017 are left out, since the procedure was made on them.
- The figure is recall@20 of cold dresses, of the hybrid minus the best pure model, over both
  splits together, a person's value being the mean over all cases of both.
- The aim is met if its interval, which allows for both readings, lies above zero, and that of warm
  recall@20 against the best pure model, of 95 %, does not lie below. Whatever comes is reported,
  and not followed by a change.

What such a split cannot undo: some constants of the procedure (half-lives of the trend, the ranges
of grids) were settled on later months than these, and the two half years before July 2015 were
among those on which a fixed share of places was seen to do better than a floor.
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.recommender.rent_the_runway import ByModel, cases, chosen_on, compared, moment, values_of
from bench.recommender.rent_the_runway_data import DATA, ROOT, read
from trasos.errors import InputError

RESULTS = ROOT / "bench/results/rent_the_runway_earlier.json"

#: Ends of half years; the last two begin what is asked.
ENDS = ("2014-07-01", "2015-01-01", "2015-07-01", "2016-01-01", "2016-07-01")
SPLITS = ENDS[2:4]

#: How often they have been looked at, with this time.
READINGS = 2


def measure(folder: Path = DATA) -> dict[str, Any]:
    """Choose and ask at each split.

    Raises:
        InputError: the data are not there.
    """
    begun, rentals = time.process_time(), read(folder)
    together: ByModel = {}
    alone: dict[str, Any] = {}
    for since, until in pairwise((*SPLITS, ENDS[-1])):
        before = ENDS[ENDS.index(since) - 2 : ENDS.index(since) + 1]
        chosen = chosen_on(rentals, [moment(day) for day in before])
        asked = cases(rentals, moment(since), moment(until))
        found = values_of(rentals, chosen, asked, sizes=True)
        for name, parts in found.items():
            together.setdefault(name, []).extend(parts)
        alone[since] = compared(found, READINGS) | {"settings": chosen.settings.described()}
    return {
        "together": compared(together, READINGS),
        "alone": alone,
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def main() -> None:
    """Measure and keep the results; ``rent_the_runway --render`` shows them."""
    try:
        result = measure()
    except InputError as error:
        raise SystemExit(str(error)) from error
    RESULTS.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
