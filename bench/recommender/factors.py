"""``python -m bench.recommender.factors``: training and batch scoring beside ``implicit``.

One thread each, processor seconds of this process, rivals in turn; a ratio is the median of the
ratios of pairs that ran one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

# BLAS reads it when it is loaded: every rival has one thread.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from bench.recommender.bulk import interactions
from bench.recommender.report import PAGE, RESULTS, Record, key_of, read_results, rendered
from trasos.recommender.factors import Factors, Objective, best_cosines, best_products, train
from trasos.recommender.models.als import confidence

#: Persons, products, pairs, persons scored of them.
SIZES = {
    "small": (20_000, 2_000, 200_000, 2_000),
    "middle": (100_000, 10_000, 1_500_000, 10_000),
    "full": (500_000, 50_000, 10_000_000, 20_000),
}
N_FACTORS, N_ITERATIONS, ALPHA, REGULARIZATION, LENGTH = 64, 8, 10.0, 10.0, 50
PLAIN_ROWS = 512
"""Rows of a block of the plain product: as much as fits, and no less quick than more."""

PARTS = ("training", "retraining", "scoring", "alike")
PAIRS_OF_RUNS = 3
EQUAL = 1e-4
"""Losses this near, relatively, are equal."""


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of this process, and what the work gave."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def ours(confidences: Any, n_iterations: int, start: Factors | None, **options: Any) -> Factors:
    """Train in one thread, with the objective that options may change."""
    objective = options.pop("objective", Objective(REGULARIZATION))
    settings: dict[str, Any] = {"n_threads": 1, **options}
    return train(
        confidences,
        objective,
        n_factors=N_FACTORS,
        n_iterations=n_iterations,
        start=start,
        **settings,
    )


def training(confidences: Any) -> Record:
    """Iterations of both solvers in turn, from one start, with the loss after each."""
    objective = Objective(REGULARIZATION)
    scaled = Objective(REGULARIZATION, 1.0, 1 / ALPHA, is_relative=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = AlternatingLeastSquares(
            factors=N_FACTORS,
            regularization=REGULARIZATION,
            alpha=1.0,
            iterations=1,
            num_threads=1,
            random_state=0,
        )
    matrix = csr_matrix(confidences)
    ours(confidences[:100], 1, None)
    found = ours(confidences, 0, None)
    theirs.user_factors, theirs.item_factors = found.rows.copy(), found.columns.copy()
    spent: dict[str, list[float]] = {"implicit": [], "ours": [], "scaled": []}
    losses: dict[str, list[float]] = {"implicit": [], "ours": []}
    for _ in range(N_ITERATIONS):
        seconds, _ = cpu(lambda: theirs.fit(matrix, show_progress=False))
        spent["implicit"].append(seconds)
        seconds, found = cpu(lambda start=found: ours(confidences, 1, start))
        spent["ours"].append(seconds)
        losses["implicit"].append(
            objective.loss(confidences, theirs.user_factors, theirs.item_factors)
        )
        losses["ours"].append(objective.loss(confidences, found.rows, found.columns))
        if len(spent["scaled"]) < PAIRS_OF_RUNS:
            seconds, _ = cpu(lambda start=found: ours(confidences, 1, start, objective=scaled))
            spent["scaled"].append(seconds)
    aim = losses["implicit"][-1] * (1 + EQUAL)
    reached = [at for at, loss in enumerate(losses["ours"], 1) if loss <= aim]
    if not reached:
        raise SystemExit(f"ours never reached implicit's loss {aim}: {losses['ours']}")
    one, two = (ours(confidences, 1, None, n_threads=n) for n in (1, 2))
    return {
        "experiment": "training",
        "cpu_s": spent,
        "losses": losses,
        "ratio_iteration": median(
            a / b for a, b in zip(spent["ours"], spent["implicit"], strict=True)
        ),
        "ratio_scaled": median(
            a / b for a, b in zip(spent["scaled"], spent["implicit"], strict=False)
        ),
        "iterations_to_equal_loss": reached[0],
        "ratio_equal_loss": sum(spent["ours"][: reached[0]]) / sum(spent["implicit"]),
        "bit_equal": bool(
            np.array_equal(one.rows, two.rows) and np.array_equal(one.columns, two.columns)
        ),
    }


def retraining(confidences: Any) -> Record:
    """A cold fit of today's pairs, and one iteration from a fit of 99 % of them."""
    objective = Objective(REGULARIZATION)
    earlier = confidences.tocoo()
    kept = np.random.default_rng(1).random(earlier.nnz) < 0.99
    before = csr_matrix(
        (earlier.data[kept], (earlier.row[kept], earlier.col[kept])), shape=earlier.shape
    )
    yesterday = ours(before, N_ITERATIONS, None)
    spent: dict[str, list[float]] = {"cold": [], "warm": []}
    losses = {}
    for _ in range(PAIRS_OF_RUNS):
        for way, n, start in (("cold", N_ITERATIONS, None), ("warm", 1, yesterday)):
            seconds, found = cpu(lambda n=n, start=start: ours(confidences, n, start))
            spent[way].append(seconds)
            losses[way] = objective.loss(confidences, found.rows, found.columns)
    return {
        "experiment": "retraining",
        "cpu_s": spent,
        "losses": losses,
        "ratio": median(a / b for a, b in zip(spent["warm"], spent["cold"], strict=True)),
    }


def library(found: Factors) -> Any:
    """``implicit`` with our factors, one thread."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = AlternatingLeastSquares(factors=N_FACTORS, num_threads=1)
    model.user_factors, model.item_factors = found.rows, found.columns
    return model


def scoring(found: Factors, confidences: Any, n_sample: int) -> Record:
    """The best of all products for a sample of persons who bought, what they bought left out."""
    draw = np.random.default_rng(2)
    known = np.flatnonzero(found.rows.any(axis=1))
    sample = np.sort(draw.choice(known, n_sample, replace=False))
    rows, bought, columns = found.rows[sample], confidences[sample], found.columns
    # As if length told nothing: the bound then leaves no product out.
    length = np.linalg.norm(columns, axis=1, keepdims=True)
    level = columns / np.where(length > 0, length, 1)
    theirs, bought_by = library(found), csr_matrix(bought)

    def plain() -> None:
        for begin in range(0, n_sample, PLAIN_ROWS):
            rows[begin : begin + PLAIN_ROWS] @ columns.T

    ways: dict[str, Callable[[], Any]] = {
        "plain": plain,
        "implicit": lambda: theirs.recommend(sample, bought_by, N=LENGTH),
        "ours": lambda: best_products(rows, columns, LENGTH, barred=bought, n_threads=1),
        "ours, no bound": lambda: best_products(rows, level, LENGTH, barred=bought, n_threads=1),
    }
    ways["ours"]()
    spent, results = taken_in_turn(ways)
    return {
        "experiment": "scoring",
        "rows": n_sample,
        "cpu_s": spent,
        "ratio_plain": _ratio(spent, "ours", "plain"),
        "ratio_plain_no_bound": _ratio(spent, "ours, no bound", "plain"),
        "ratio_implicit": _ratio(spent, "ours", "implicit"),
        "same_share": float((results["ours"].items == results["implicit"][0]).mean()),
        "working_bytes": working_memory(rows, columns, bought),
    }


def alike(found: Factors) -> Record:
    """The products most like each product."""
    theirs, columns = library(found), found.columns
    everything, known = np.arange(len(columns)), columns.any(axis=1)
    best_cosines(columns[:600], LENGTH, n_threads=1)
    spent, results = taken_in_turn(
        {
            "implicit": lambda: theirs.similar_items(everything, N=LENGTH + 1),
            "ours": lambda: best_cosines(columns, LENGTH, n_threads=1),
        }
    )
    return {
        "experiment": "alike",
        "rows": len(columns),
        "cpu_s": spent,
        "ratio_implicit": _ratio(spent, "ours", "implicit"),
        "same_share": float((results["ours"].items == results["implicit"][0][:, 1:])[known].mean()),
    }


def taken_in_turn(
    ways: dict[str, Callable[[], Any]],
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Seconds of every way in each turn, and what each gave."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    results = {}
    for _ in range(PAIRS_OF_RUNS):
        for name, work in ways.items():
            seconds, results[name] = cpu(work)
            spent[name].append(seconds)
    return spent, results


def _ratio(spent: dict[str, list[float]], one: str, other: str) -> float:
    return median(a / b for a, b in zip(spent[one], spent[other], strict=True))


def working_memory(rows: Any, columns: Any, bought: Any) -> int:
    """Bytes that numpy takes at most at once while scoring, less the answer's."""
    tracemalloc.start()
    best_products(rows, columns, LENGTH, barred=bought, n_threads=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - len(rows) * LENGTH * 8


def measured(size: str, parts: Sequence[str]) -> Iterator[Record]:
    """Some experiments at a size."""
    n_persons, n_products, n_pairs, n_sample = SIZES[size]
    matrix = interactions(n_persons, n_products, n_pairs)
    about = {"persons": n_persons, "products": n_products, "pairs": matrix.nnz}
    confidences = confidence(matrix, ALPHA)
    if "training" in parts:
        yield training(confidences) | about
    if "retraining" in parts:
        yield retraining(confidences) | about
    if "scoring" in parts or "alike" in parts:
        found = ours(confidences, N_ITERATIONS, None)
        if "scoring" in parts:
            yield scoring(found, confidences, n_sample) | about
        if "alike" in parts:
            yield alike(found) | about


def write_down(record: Record) -> None:
    """Add a record to the results; it takes the place of an older one of the same thing."""
    kept = [old for old in read_results() if key_of(old) != key_of(record)]
    lines = [json.dumps(each, sort_keys=True) for each in (*kept, record)]
    RESULTS.write_text("\n".join(sorted(lines)) + "\n")
    print(json.dumps(record, indent=1), flush=True)


def main() -> None:
    """Read the command line and measure what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.recommender.factors")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--render", action="store_true", help="write the page, measure nothing")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    if not asked.render:
        for record in measured(asked.size, asked.parts):
            write_down(record)
    PAGE.write_text(rendered(PAGE.read_text(), read_results()))


if __name__ == "__main__":
    main()
