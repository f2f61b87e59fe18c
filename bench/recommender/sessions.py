"""``python -m bench.recommender.sessions``: the session slot on real clicks of bol.com.

The data are those of Serenade's example (github.com/bolcom/serenade, Apache-2.0), in
``$TRASOS_DATA/serenade_toy``. Every number that could be tuned is chosen on valid.txt; test.txt is
read once, at the end.
"""

from __future__ import annotations

import gzip
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from trasos.errors import InputError
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sessions import Clicks, SessionParams, SessionSlot
from trasos.recommender.sessions.evaluate import compare
from trasos.recommender.sessions.next_item import Questions, ask
from trasos.recommender.sessions.tune import SessionTuning, grid, grid_as_published, tune

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TRASOS_DATA") or ROOT.parent / "shared/data") / "serenade_toy"
HEADER = "SessionId\tItemId\tTime"

#: MRR@20 on valid and test as the README of Serenade gives them; HR@20 on test as its evaluator
#: prints it.
PUBLISHED = {"valid_mrr": 0.3197, "mrr": 0.3401, "hit_rate": 0.6402}
AS_PUBLISHED = "vmis_knn"
LABELS = {
    "popular": "popular",
    "covisitation": "co-visitation, untuned",
    AS_PUBLISHED: "VMIS-kNN, this code",
    "session_knn": "with gaps, reminder",
}


@dataclass(frozen=True)
class Measured:
    """What a run found.

    Attributes:
        rows: table with schema ``evaluate.ROWS``, on the test.
        valid: MRR@20 and HR@20 of each model on valid.
        tunings: what was chosen for the models that are tuned.
        seconds: CPU seconds of tuning and of fitting.
        microseconds: CPU microseconds a prediction, in batches and one by one.
    """

    rows: Any
    valid: dict[str, tuple[float, float]]
    tunings: dict[str, SessionTuning]
    seconds: dict[str, float]
    microseconds: dict[str, float]

    def of(self, model: str, metric: str, baseline: str = AS_PUBLISHED) -> dict[str, Any]:
        """The row of a model, a metric and a baseline."""
        wanted = {"model": model, "metric": metric, "baseline": baseline}
        (row,) = [row for row in self.rows.to_pylist() if wanted.items() <= row.items()]
        return dict(row)


def read(name: str, folder: Path) -> Any:
    """Session, item and second of each click; int64 of shape (3, n).

    Raises:
        InputError: the file is not there or begins otherwise.
    """
    path = folder / f"{name}.txt.gz"
    if not path.exists():
        raise InputError(f"{path} is not there: set TRASOS_DATA to the folder of the data sets.")
    with gzip.open(path, "rt") as lines:
        if next(lines).strip() != HEADER:
            raise InputError(f"{path} does not begin with {HEADER!r}.")
        return np.loadtxt(lines, delimiter="\t").astype(np.int64).T


def clicks_of(read_clicks: Any, items: Any) -> Clicks:
    """Sessions over the catalogue of some sorted items; other items are outside of it."""
    session, item, at = read_clicks
    code = np.minimum(np.searchsorted(items, item), len(items) - 1)
    return Clicks.from_arrays(session, np.where(items[code] == item, code, -1), at, len(items))


def measure(folder: Path = DATA) -> Measured:
    """Tune on valid, then answer the test once.

    Raises:
        InputError: the data are not there.
    """
    params, start = RecommenderParams(), SessionParams()
    in_train = read("train", folder)
    items = np.unique(in_train[1])
    train, valid = clicks_of(in_train, items), clicks_of(read("valid", folder), items)
    begun = time.process_time()
    tunings = {
        AS_PUBLISHED: tune(train, valid, grid_as_published(start), seed=params.seed),
        "session_knn": tune(train, valid, grid(start), seed=params.seed),
    }
    tuned = time.process_time()
    ours = SessionSlot.fit(train, tunings["session_knn"].params)
    seconds = {"tune": tuned - begun, "fit": time.process_time() - tuned}
    plain = SessionSlot.fit(train, tunings[AS_PUBLISHED].params)
    plain = replace(plain, model=replace(plain.model, name=AS_PUBLISHED))
    slots = (*SessionSlot.baselines(train, params, start.repeats), plain, ours)
    on_valid = Questions.of(valid)
    found = {slot.model.name: tuple(ask(slot, on_valid).means.tolist()) for slot in slots}
    microseconds = _microseconds(ours, on_valid)
    test = clicks_of(read("test", folder), items)
    return Measured(compare(slots, test, params), found, tunings, seconds, microseconds)


def _microseconds(slot: SessionSlot, questions: Questions) -> dict[str, float]:
    begun = time.process_time()
    ask(slot, questions)
    in_batches = time.process_time() - begun
    clicks = questions.clicks
    begins = clicks.starts[questions.session]
    begun = time.process_time()
    for first, asked in zip(begins, questions.asked, strict=True):
        slot.predict(clicks.product[first:asked])
    alone = time.process_time() - begun
    n = len(questions.asked)
    return {"in batches": 1e6 * in_batches / n, "one by one": 1e6 * alone / n}


def _shown(row: dict[str, Any]) -> str:
    return f"{row['value']:.4f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"


def _against(row: dict[str, Any]) -> str:
    return f"{row['difference']:+.4f} [{row['diff_low']:+.3f}, {row['diff_high']:+.3f}]"


def table_of(measured: Measured) -> Table:
    """Published figures beside ours."""
    table = Table(box=box.SIMPLE_HEAD)
    columns = ("model", "MRR@20 valid", "MRR@20 test", "HR@20 test", "test MRR@20 - VMIS's")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    published = [f"{PUBLISHED[name]:.4f}" for name in ("valid_mrr", "mrr", "hit_rate")]
    table.add_row("VMIS-kNN, published", *published, "")
    for model, label in LABELS.items():
        mrr, hit_rate = (measured.of(model, metric) for metric in ("mrr", "hit_rate"))
        difference = "" if model == AS_PUBLISHED else _against(mrr)
        valid = f"{measured.valid[model][0]:.4f}"
        table.add_row(label, valid, _shown(mrr), _shown(hit_rate), difference)
    return table


def main() -> None:
    """Measure and print."""
    console = Console(width=120)
    try:
        measured = measure()
    except InputError as error:
        raise SystemExit(str(error)) from error
    row = measured.of("session_knn", "mrr")
    console.print(
        "Next item: each session is revealed click by click, every later click is asked for over "
        f"the whole catalogue; repeats allowed. {row['n_questions']:,} questions of "
        f"{row['n_sessions']:,} test sessions. Learnt from train.txt alone, chosen on valid.txt. "
        "In brackets: 95 % of draws of sessions, paired for the difference."
    )
    console.print(table_of(measured))
    for model, tuning in measured.tunings.items():
        p = tuning.params
        console.print(
            f"{LABELS[model]}: of {tuning.n_tried} tried on {tuning.n_questions:,} questions: "
            f"{p.neighbours} neighbours, {p.sample} sessions a product, click decay "
            f"{p.click_decay:g}, gap decay {p.gap_decay:g}, reminder {p.reminder:g}."
        )
    console.print(
        f"CPU seconds: tuning {measured.seconds['tune']:.1f}, "
        f"one fit {measured.seconds['fit']:.3f}. CPU microseconds a prediction: "
        + ", ".join(f"{value:.0f} {way}" for way, value in measured.microseconds.items())
        + "."
    )


if __name__ == "__main__":
    main()
