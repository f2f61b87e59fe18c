"""``python -m bench.recommender.gowalla``: whole-catalogue ranking on a public split.

The data are Gowalla's check-ins as NGCF and LightGCN split them (``gowalla_m1`` of the BARS
leaderboard, github.com/openbenchmark/BARS), in ``$TRASOS_DATA/gowalla_m1``. Everything that could
be tuned is chosen on a part of the published training set; the published test is read once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_array

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles, Sparse
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.metrics import hits_of, ndcg, recall
from trasos.recommender.models.als import Als
from trasos.recommender.models.blend import add, normalised
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import Popular
from trasos.recommender.models.rp3beta import Rp3Beta
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import allowed_block, batches, top_n

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TRASOS_DATA") or ROOT.parent / "shared/data") / "gowalla_m1"

K = 20
#: Recall@20 and NDCG@20 of the leaderboard; LightGCN in its run, SimpleX the best of both.
PUBLISHED = {
    "ItemKNN": (0.1570, 0.1214),
    "MF-BPR": (0.1627, 0.1378),
    "EASE": (0.1765, 0.1467),
    "LightGCN": (0.1820, 0.1547),
    "SimpleX": (0.1872, 0.1557),
}
LABELS = {"popular": "popular", "rp3beta": "RP3beta", "als": "iALS", "blend": "blend of both"}

TUNING_PERSONS = 6_000
ALPHAS, BETAS = (0.6, 0.7, 0.8), (0.2, 0.3, 0.4)
CONFIDENCES, STRENGTHS = (100.0, 300.0), (50.0, 130.0)
SHARES = tuple(round(0.1 * step, 1) for step in range(11))

#: Where tuning begins: dimensions and passes as the machine affords, regularized by frequency.
START = replace(
    RecommenderParams(),
    als_solver="trasos",
    als_factors=512,
    als_iterations=6,
    als_frequency_power=1.0,
)


@dataclass(frozen=True)
class Part:
    """Persons and products of a part, as the models take them.

    Attributes:
        train: float32 CSR (n_persons + 1, n_products) of ones, what is learnt from; last row empty.
        held: the same shape, what is to be found.
    """

    train: Sparse
    held: Sparse

    @property
    def judged(self) -> Codes:
        """Persons of whom something is held out."""
        return np.flatnonzero(np.diff(self.held.indptr)).astype(np.int32)


@dataclass(frozen=True)
class Measured:
    """What a run found.

    Attributes:
        values: per-person Recall@20 and NDCG@20 on the test by model; float64 (n_persons, 2) each.
        valid: means of the same on the validation part.
        params: what was chosen.
        share: of RP3beta in the blend; the rest is ALS.
        seconds: CPU seconds of training each model on all of the published training set.
        tuning_seconds: CPU seconds of choosing.
    """

    values: dict[str, Doubles]
    valid: dict[str, Doubles]
    params: RecommenderParams
    share: float
    seconds: dict[str, float]
    tuning_seconds: float

    def interval(self, model: str, baseline: str | None = None) -> tuple[Doubles, Doubles, Doubles]:
        """Means of a model, or of its paired differences, with 95 % of draws of persons."""
        values = self.values[model] - (self.values[baseline] if baseline else 0)
        means = resampled_means(values, 2000, self.params.seed)
        return values.mean(axis=0), *percentile_interval(means, 0.95)


def read(folder: Path) -> tuple[Part, Part]:
    """The part to choose on (train, then valid) and the published one (both, then test).

    Raises:
        InputError: the file is not there.
    """
    path = folder / "interactions.parquet"
    if not path.exists():
        raise InputError(f"{path} is not there: set TRASOS_DATA to the folder of the data sets.")
    rows = pq.read_table(path)
    persons, products = (rows[name].to_numpy() for name in ("user_id", "item_id"))
    shape = int(persons.max()) + 2, int(products.max()) + 1

    def of(split: str) -> Sparse:
        chosen = pc.equal(rows["split"], split).to_numpy(zero_copy_only=False)
        ones = np.ones(int(chosen.sum()), np.float32)
        matrix = csr_array((ones, (persons[chosen], products[chosen])), shape=shape)
        matrix.data[:] = 1
        matrix.sort_indices()
        return matrix

    train, valid, test = of("train"), of("valid"), of("test")
    return Part(train, valid), Part(train + valid, test)


def answers(
    models: Sequence[Model], shares: Sequence[Sequence[float]], part: Part, persons: Codes
) -> list[Doubles]:
    """Recall@20 and NDCG@20 of each person under some blends; all products are ranked.

    Args:
        models: the parts of the blends.
        shares: of each blend, one share a model.
        part: what was learnt from, which is never listed, and what is to be found.
        persons: int32 codes.

    Returns:
        float64 (n_persons, 2) for each blend.
    """
    everything = np.ones(part.train.shape[1], np.bool_)
    found: list[list[Doubles]] = [[] for _ in shares]
    for rows in batches(len(persons), len(everything)):
        asked = persons[rows]
        allowed = allowed_block(len(asked), everything, part.train[asked])
        parts = [normalised(model.score_persons(asked, allowed), allowed) for model in models]
        wanted = part.held[asked]
        n_wanted = np.diff(wanted.indptr)
        for place, weights in enumerate(shares):
            scores = add([np.float32(w) * p for w, p in zip(weights, parts, strict=True)])
            hits = hits_of(top_n([scores.__getitem__], allowed, K).items, wanted)
            columns = recall(hits, n_wanted, K), ndcg(hits, n_wanted, K)
            found[place].append(np.column_stack(columns))
    return [np.concatenate(values) for values in found]


def candidates(part: Part, persons: Codes) -> Iterator[tuple[float, RecommenderParams, float]]:
    """What is tried: NDCG@20, parameters and the share of RP3beta."""
    pairs: dict[tuple[float, float], Rp3Beta] = {}
    alone = {}
    for alpha in ALPHAS:
        for beta in BETAS:
            tried = replace(START, rp3beta_alpha=alpha, rp3beta_beta=beta)
            pairs[alpha, beta] = Rp3Beta.fit(part.train, tried)
            (values,) = answers([pairs[alpha, beta]], [(1.0,)], part, persons)
            alone[alpha, beta] = float(values[:, 1].mean())
    alpha, beta = max(alone, key=lambda pair: alone[pair])
    walks = pairs[alpha, beta]
    for confidence in CONFIDENCES:
        for strength in STRENGTHS:
            tried = replace(
                START,
                rp3beta_alpha=alpha,
                rp3beta_beta=beta,
                als_alpha=confidence,
                als_regularization=strength,
            )
            factors = Als.fit(part.train, tried)
            shares = [(share, 1 - share) for share in SHARES]
            for share, values in zip(
                SHARES, answers([walks, factors], shares, part, persons), strict=True
            ):
                yield float(values[:, 1].mean()), tried, share


def measure(folder: Path = DATA, tuning_persons: int = TUNING_PERSONS) -> Measured:
    """Choose on the validation part, train on all of the published training set, test once.

    Args:
        folder: of the data.
        tuning_persons: drawn from the validation part's.

    Raises:
        InputError: the data are not there.
    """
    choosing, published = read(folder)
    begun = time.process_time()
    persons = choosing.judged
    if len(persons) > tuning_persons:
        draw = np.random.default_rng(START.seed)
        persons = np.sort(draw.choice(persons, tuning_persons, replace=False))
    _, params, share = max(candidates(choosing, persons), key=lambda tried: tried[0])
    tuning_seconds = time.process_time() - begun
    blends = {"rp3beta": (1.0, 0.0), "als": (0.0, 1.0), "blend": (share, 1 - share)}
    valid, _ = _judged(choosing, params, blends, persons)
    values, seconds = _judged(published, params, blends, published.judged)
    means = {name: own.mean(axis=0) for name, own in valid.items()}
    return Measured(values, means, params, share, seconds, tuning_seconds)


def _judged(
    part: Part, params: RecommenderParams, blends: dict[str, tuple[float, float]], persons: Codes
) -> tuple[dict[str, Doubles], dict[str, float]]:
    """Train on a part, and answer its persons; values by model, CPU seconds of training."""
    moments = [time.process_time()]
    walks = Rp3Beta.fit(part.train, params)
    moments.append(time.process_time())
    factors = Als.fit(part.train, params)
    moments.append(time.process_time())
    values = dict(
        zip(blends, answers([walks, factors], list(blends.values()), part, persons), strict=True)
    )
    (values["popular"],) = answers([Popular.fit(part.train)], [(1.0,)], part, persons)
    seconds = {"rp3beta": moments[1] - moments[0], "als": moments[2] - moments[1]}
    return values, seconds | {"blend": sum(seconds.values())}


def table_of(measured: Measured) -> Table:
    """Published figures beside ours."""
    table = Table(box=box.SIMPLE_HEAD)
    columns = ("model", "NDCG@20 valid", "Recall@20 test", "NDCG@20 test", "training, CPU s")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    for name, (share_found, gain) in PUBLISHED.items():
        table.add_row(f"{name}, published", "", f"{share_found:.4f}", f"{gain:.4f}", "")
    for model, label in LABELS.items():
        mean, low, high = measured.interval(model)
        shown = [f"{mean[metric]:.4f} [{low[metric]:.4f}, {high[metric]:.4f}]" for metric in (0, 1)]
        seconds = f"{measured.seconds[model]:.0f}" if model in measured.seconds else ""
        table.add_row(label, f"{measured.valid[model][1]:.4f}", *shown, seconds)
    return table


def said(measured: Measured) -> str:
    """What was chosen, and how much the blend gains."""
    params: Any = measured.params
    mean, low, high = measured.interval("blend", "rp3beta")
    return (
        f"Chosen on {TUNING_PERSONS:,} persons of the validation part "
        f"({measured.tuning_seconds:.0f} CPU s): RP3beta alpha {params.rp3beta_alpha:g}, beta "
        f"{params.rp3beta_beta:g}, {params.rp3beta_neighbours} neighbours; ALS with "
        f"{params.als_factors} factors, confidence {params.als_alpha:g}, regularization "
        f"{params.als_regularization:g}, by frequency; {measured.share:.0%} RP3beta in the blend. "
        "The blend over RP3beta on the test: Recall@20 "
        f"{mean[0]:+.4f} [{low[0]:+.4f}, {high[0]:+.4f}], NDCG@20 {mean[1]:+.4f} "
        f"[{low[1]:+.4f}, {high[1]:+.4f}]."
    )


def main() -> None:
    """Measure and print."""
    console = Console(width=120)
    try:
        measured = measure()
    except InputError as error:
        raise SystemExit(str(error)) from error
    console.print(
        f"Gowalla as NGCF and LightGCN split it: {len(measured.values['blend']):,} persons, all "
        "products ranked but those of the training set. In brackets: 95 % of draws of persons."
    )
    console.print(table_of(measured))
    console.print(said(measured))


if __name__ == "__main__":
    main()
