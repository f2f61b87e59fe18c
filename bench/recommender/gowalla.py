"""``python -m bench.recommender.gowalla``: whole-catalogue ranking on a public split.

The data are Gowalla's check-ins as NGCF and LightGCN split them (``gowalla_m1`` of the BARS
leaderboard, github.com/openbenchmark/BARS), in ``$TRASOS_DATA/gowalla_m1``. Everything that could
be tuned is chosen on a part of the published training set, before the published test is read: each
model's own parameters on some persons, the shares of the blend on all of them, both by the product
of Recall@20 and NDCG@20, so that a hundredth more of either counts alike.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_array

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Sparse
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.metrics import hits_of, ndcg, recall
from trasos.recommender.models.als import Als
from trasos.recommender.models.blend import add, normalised
from trasos.recommender.models.graph_filter import Filter, GraphFilter
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import Popular
from trasos.recommender.models.rp3beta import Rp3Beta
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import allowed_block, batches, best_cells, top_n

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
LABELS = {
    "popular": "popular",
    "rp3beta": "RP3beta",
    "als": "iALS",
    "filter": "graph filter",
    "blend": "blend of three",
}

TUNING_PERSONS = 6_000
ALPHAS, BETAS = (0.6, 0.7, 0.8), (0.2, 0.3)
CONFIDENCES, STRENGTHS = (100.0,), (130.0, 200.0)
SMOOTHS, SHARPENINGS = (0.1, 0.2), (2.0, 2.5)

#: Of RP3beta, ALS and the filter in the blend.
Shares: TypeAlias = tuple[float, float, float]
PARTS = ("rp3beta", "als", "filter")
SHARES: tuple[Shares, ...] = tuple(
    (walks / 10, factors / 10, (10 - walks - factors) / 10)
    for walks in range(11)
    for factors in range(11 - walks)
)
#: While the shares are chosen, only the best of each part are ranked: an eighth of the time.
NEAR = 100

#: Where tuning begins: dimensions and passes as the machine affords, regularized by frequency.
START = replace(
    RecommenderParams(),
    als_solver="trasos",
    als_factors=1024,
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
class Chosen:
    """What the validation part preferred.

    Attributes:
        params: of RP3beta and ALS.
        how: the filter blurs and sharpens.
        shares: of the three parts in the blend.
        valid: means of Recall@20 and NDCG@20 on all of the validation part's persons, by model.
    """

    params: RecommenderParams
    how: Filter
    shares: Shares
    valid: dict[str, Doubles]


@dataclass(frozen=True)
class Measured:
    """What a run found.

    Attributes:
        values: per-person Recall@20 and NDCG@20 on the test by model; float64 (n_persons, 2) each.
        chosen: what was tested.
        seconds: CPU seconds of training each model on all of the published training set.
        tuning_seconds: CPU seconds of choosing.
    """

    values: dict[str, Doubles]
    chosen: Chosen
    seconds: dict[str, float]
    tuning_seconds: float

    def interval(self, model: str, baseline: str | None = None) -> tuple[Doubles, Doubles, Doubles]:
        """Means of a model, or of its paired differences, with 95 % of draws of persons."""
        values = self.values[model] - (self.values[baseline] if baseline else 0)
        means = resampled_means(values, 2000, self.chosen.params.seed)
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
    models: Sequence[Model],
    shares: Sequence[Sequence[float]],
    part: Part,
    persons: Codes,
    near: int | None = None,
) -> list[Doubles]:
    """Recall@20 and NDCG@20 of each person under some blends; all products are ranked.

    Args:
        models: the parts of the blends.
        shares: of each blend, one share a model.
        part: what was learnt from, which is never listed, and what is to be found.
        persons: int32 codes.
        near: rank only what is among so many best of a part, instead of all products.

    Returns:
        float64 (n_persons, 2) for each blend.
    """
    everything = np.ones(part.train.shape[1], np.bool_)
    found: list[list[Doubles]] = [[] for _ in shares]
    for rows in batches(len(persons), len(everything)):
        asked = persons[rows]
        allowed = allowed_block(len(asked), everything, part.train[asked])
        parts = [normalised(model.score_persons(asked, allowed), allowed) for model in models]
        lists = _all_ranked(parts, allowed) if near is None else _near_ranked(parts, allowed, near)
        wanted = part.held[asked]
        n_wanted = np.diff(wanted.indptr)
        for place, weights in enumerate(shares):
            hits = hits_of(lists(weights), wanted)
            columns = recall(hits, n_wanted, K), ndcg(hits, n_wanted, K)
            found[place].append(np.column_stack(columns))
    return [np.concatenate(values) for values in found]


Lists: TypeAlias = Callable[[Sequence[float]], Codes]
"""The first products of each row under shares of the parts."""


def _all_ranked(parts: list[Floats], allowed: Flags) -> Lists:
    def lists(weights: Sequence[float]) -> Codes:
        scores = add([np.float32(w) * p for w, p in zip(weights, parts, strict=True)])
        return top_n([scores.__getitem__], allowed, K).items

    return lists


def _near_ranked(parts: list[Floats], allowed: Flags, near: int) -> Lists:
    is_near = np.zeros(allowed.shape, np.bool_)
    for part in parts:
        is_near[best_cells(np.where(allowed, part, np.float32(-np.inf)), near)] = True
    rows, items = np.nonzero(is_near)
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    cells = [part[rows, items] for part in parts]

    def lists(weights: Sequence[float]) -> Codes:
        scores = add([np.float32(w) * c for w, c in zip(weights, cells, strict=True)])
        order = np.lexsort((items, -scores, rows))
        first = place < K
        out = np.full((len(allowed), K), -1, np.int32)
        out[rows[first], place[first]] = items[order][first]
        return out

    return lists


Tried = TypeVar("Tried")


def _best(tried: Iterable[tuple[Tried, Model]], part: Part, persons: Codes) -> tuple[Tried, Model]:
    """Of models tried alone, the one with the largest product of both metrics."""
    worth = -1.0
    for settings, model in tried:
        (values,) = answers([model], [(1.0,)], part, persons, NEAR)
        if (now := float(values.mean(axis=0).prod())) > worth:
            worth, best = now, (settings, model)
    return best


def choose(part: Part, tuning_persons: int) -> Chosen:
    """Choose on the validation part.

    Args:
        part: of which is learnt and judged.
        tuning_persons: drawn from the part's, on which each model's own parameters are tried.
    """
    drawn = part.judged
    if len(drawn) > tuning_persons:
        draw = np.random.default_rng(START.seed)
        drawn = np.sort(draw.choice(drawn, tuning_persons, replace=False))
    params, walks = _best(
        (
            (tried, Rp3Beta.fit(part.train, tried))
            for alpha in ALPHAS
            for beta in BETAS
            for tried in [replace(START, rp3beta_alpha=alpha, rp3beta_beta=beta)]
        ),
        part,
        drawn,
    )
    params, factors = _best(
        (
            (tried, Als.fit(part.train, tried))
            for confidence in CONFIDENCES
            for strength in STRENGTHS
            for tried in [replace(params, als_alpha=confidence, als_regularization=strength)]
        ),
        part,
        drawn,
    )
    decomposed = GraphFilter.fit(part.train, Filter(seed=params.seed))
    how, filtered = _best(
        (
            (tried.how, tried)
            for smooth in SMOOTHS
            for sharpening in SHARPENINGS
            for tried in [decomposed.but(smooth=smooth, sharpening=sharpening)]
        ),
        part,
        drawn,
    )
    judged = answers([walks, factors, filtered], SHARES, part, part.judged, NEAR)
    means = {shares: own.mean(axis=0) for shares, own in zip(SHARES, judged, strict=True)}
    shares = max(means, key=lambda each: float(means[each].prod()))
    valid = {name: means[_alone(name)] for name in PARTS} | {"blend": means[shares]}
    (popular,) = answers([Popular.fit(part.train)], [(1.0,)], part, part.judged, NEAR)
    return Chosen(params, how, shares, valid | {"popular": popular.mean(axis=0)})


def _alone(name: str) -> Shares:
    walks, factors, filtered = (float(name == part) for part in PARTS)
    return walks, factors, filtered


def measure(folder: Path = DATA, tuning_persons: int = TUNING_PERSONS) -> Measured:
    """Choose on the validation part, train on all of the published training set, test once.

    Args:
        folder: of the data.
        tuning_persons: drawn from the validation part's for each model's own parameters.

    Raises:
        InputError: the data are not there.
    """
    choosing, published = read(folder)
    begun = time.process_time()
    chosen = choose(choosing, tuning_persons)
    tuning_seconds = time.process_time() - begun
    models: list[Model] = []
    seconds = {}
    fits: dict[str, Callable[[], Model]] = {
        "rp3beta": lambda: Rp3Beta.fit(published.train, chosen.params),
        "als": lambda: Als.fit(published.train, chosen.params),
        "filter": lambda: GraphFilter.fit(published.train, chosen.how),
    }
    for name, fit in fits.items():
        begun = time.process_time()
        models.append(fit())
        seconds[name] = time.process_time() - begun
    seconds["blend"] = sum(seconds.values())
    blends = {name: _alone(name) for name in PARTS} | {"blend": chosen.shares}
    judged = answers(models, list(blends.values()), published, published.judged)
    values = dict(zip(blends, judged, strict=True))
    popular = Popular.fit(published.train)
    (values["popular"],) = answers([popular], [(1.0,)], published, published.judged)
    return Measured(values, chosen, seconds, tuning_seconds)


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
        table.add_row(label, f"{measured.chosen.valid[model][1]:.4f}", *shown, seconds)
    return table


def said(measured: Measured) -> str:
    """What was chosen, and how much the blend gains."""
    params, how = measured.chosen.params, measured.chosen.how
    shares = ", ".join(
        f"{share:.0%} {LABELS[part]}"
        for part, share in zip(PARTS, measured.chosen.shares, strict=True)
    )
    gains = []
    for part in PARTS:
        mean, low, high = measured.interval("blend", part)
        gains.append(
            f"{LABELS[part]}: Recall@20 {mean[0]:+.4f} [{low[0]:+.4f}, {high[0]:+.4f}], "
            f"NDCG@20 {mean[1]:+.4f} [{low[1]:+.4f}, {high[1]:+.4f}]"
        )
    return (
        f"Chosen on the validation part ({measured.tuning_seconds:.0f} CPU s; blend: Recall@20 "
        f"{measured.chosen.valid['blend'][0]:.4f}): RP3beta alpha "
        f"{params.rp3beta_alpha:g}, beta {params.rp3beta_beta:g}, {params.rp3beta_neighbours} "
        f"neighbours; ALS with {params.als_factors} factors, confidence {params.als_alpha:g}, "
        f"regularization {params.als_regularization:g}, by frequency; graph filter with "
        f"{how.dimensions} dimensions, smooth {how.smooth:g}, sharpening {how.sharpening:g}; "
        f"{shares}. The blend on the test over " + "; over ".join(gains) + "."
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
