"""Learning to rank from weeks gone by, and asking whether it is worth it.

LambdaMART (Burges 2010) as LightGBM has it: pairs of a person's candidates, of which one came to
more than the other, pull it up by what their exchange would change in NDCG. Candidates and
features of a slice are made as they would have been made at its beginning, stage by stage. What was
learnt meets the blend on the days before any test, on which neither was trained; it serves only if
it is shown to be better there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np

from trasos.recommender.arrays import Codes, Doubles, Floats
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.metrics import hits_of, ndcg
from trasos.recommender.models.model import Model, for_persons
from trasos.recommender.params import RecommenderParams
from trasos.recommender.parts import fit_parts
from trasos.recommender.rank import allowed_block, batches, top_n
from trasos.recommender.ranking.ranked import Ranked, Shelf
from trasos.recommender.ranking.ranker import Ranker
from trasos.recommender.ranking.slices import Slice, slices
from trasos.recommender.split import Split, split_as_tuned
from trasos.recommender.tune import K, Tuning

GAINS = (0, 1, 2, 3)
"""What an outcome is worth in NDCG: nothing, a look, a cart, a purchase."""

BINS = 63
"""Values that LightGBM tells apart in a feature: as good as 255 on the simulated shop, quicker."""


@dataclass(frozen=True)
class Examples:
    """What came of candidates.

    Attributes:
        rows: float32 (n, n_features).
        grade: int8 (n,), outcome of each, 0 where the person did not choose it.
        sizes: int (n_persons,), rows of each person, which stand together.
        columns: names of the features.
    """

    rows: Floats
    grade: Codes
    sizes: Codes
    columns: tuple[str, ...]


def learn(
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    tuning: Tuning,
    *,
    n_threads: int = 0,
) -> Ranker:
    """Learn from the weeks before validation, then meet the blend on it.

    Args:
        log: interactions; where a test follows, it is not among them.
        catalogue: products.
        params: tunables.
        tuning: of the blend, chosen on the same days.
        n_threads: threads of the ALS solver, 0 for all cores; nothing depends on it.

    Returns:
        The ranker with what was found; without trees where ``params`` say so, or where fewer than
        ``ranking_min_persons`` are there to learn from, or fewer than ``min_persons`` to judge on.
    """
    if params.ranking == "never":
        return Ranker.none(params, "ranking is switched off")
    split = split_as_tuned(log, catalogue, params, params.validation_days)
    judged = _judged(split, params)
    if split is None or len(judged) < params.min_persons:
        return Ranker.none(params, f"only {len(judged):,} persons with history to judge it on")
    found = slices(split.train, catalogue, params, split.split_at)
    n_persons = sum(len(each.persons) for each in found)
    if n_persons < params.ranking_min_persons:
        reason = f"only {n_persons:,} persons with history to learn from"
        return Ranker.none(params, reason, n_persons)
    examples = stacked([examples_of(each, params, tuning, n_threads) for each in found])
    if not len(examples.sizes):
        return Ranker.none(params, "no candidate was ever chosen", n_persons)
    trees = train(examples, params)
    ranker = Ranker(trees, examples.columns, params, False, "", n_persons)
    return beside_blend(ranker, split, judged, catalogue, params, tuning, n_threads=n_threads)


def train(examples: Examples, params: RecommenderParams) -> str:
    """Fit the trees; the same examples give the same text, bit by bit.

    Args:
        examples: rows of persons, those of one together.
        params: number, size and rate of the trees, seed.

    Returns:
        LightGBM's text.
    """
    settings = {
        "objective": "lambdarank",
        "label_gain": list(GAINS),
        "num_leaves": params.ranking_leaves,
        "learning_rate": params.ranking_rate,
        "min_data_in_leaf": params.ranking_leaf_rows,
        "max_bin": BINS,
        "feature_fraction": 0.6,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "seed": params.seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    data = lgb.Dataset(
        examples.rows,
        examples.grade,
        group=examples.sizes,
        feature_name=list(examples.columns),
        params={"max_bin": BINS, "verbosity": -1},
    )
    return str(lgb.train(settings, data, params.ranking_trees).model_to_string())


def examples_of(
    of: Slice, params: RecommenderParams, tuning: Tuning, n_threads: int = 0
) -> Examples:
    """Fit the sources as of a slice's moment, and see what came of their candidates.

    Args:
        of: the slice.
        params: tunables.
        tuning: gives the regularization of ALS.
        n_threads: threads of the ALS solver.
    """
    none = Ranker.none(params, "it is being learnt")
    parts = fit_parts(of.log, of.catalogue, params, tuning, none, n_threads=n_threads)
    shelf = Shelf.at(parts, of.log, of.catalogue, params)
    draw = np.random.default_rng(params.seed)
    found = []
    for batch in batches(len(of.persons), of.catalogue.n_products):
        persons = of.persons[batch]
        allowed = allowed_block(len(persons), of.candidates, of.seen[persons])
        candidates = shelf.pool(persons, allowed)
        grade = np.where(candidates.is_candidate, of.outcome[batch].toarray(), 0)
        others = candidates.is_candidate & (grade == 0)
        share = params.ranking_negatives / np.maximum(others.sum(axis=1, keepdims=True), 1)
        kept = (grade > 0) | (others & (draw.random(others.shape) < share))
        kept &= (grade > 0).any(axis=1, keepdims=True)
        rows, products = np.nonzero(kept)
        cells = rows.astype(np.int32), products.astype(np.int32)
        sizes = kept.sum(axis=1)
        found.append(
            Examples(
                shelf.rows(candidates, cells),
                grade[kept].astype(np.int8),
                sizes[sizes > 0].astype(np.int32),
                shelf.columns,
            )
        )
    return stacked(found)


def stacked(parts: list[Examples]) -> Examples:
    """Examples below one another; all have the same columns."""
    return Examples(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.grade for part in parts]),
        np.concatenate([part.sizes for part in parts]),
        parts[0].columns,
    )


def beside_blend(
    ranker: Ranker,
    split: Split,
    judged: Codes,
    catalogue: Catalogue,
    params: RecommenderParams,
    tuning: Tuning,
    *,
    n_threads: int = 0,
) -> Ranker:
    """Let both rank for the same persons, and say who serves.

    The weights of the blend were chosen on these very days, which favours it a little: the ranker
    has to be better nevertheless, by an interval that lies above zero.

    Args:
        ranker: what was learnt from days before the split.
        split: the days to judge on.
        judged: places of the judged persons in the split.
        catalogue: products.
        params: tunables.
        tuning: of the blend.
        n_threads: threads of the ALS solver.
    """
    parts = fit_parts(split.train, catalogue, params, tuning, ranker, n_threads=n_threads)
    models = (parts.blend, Ranked.over(parts, split.train, catalogue))
    quality = np.column_stack([_ndcg(model, split, judged) for model in models])
    means = resampled_means(quality, params.bootstrap_resamples, params.seed)
    (low,), (high,) = percentile_interval((means[:, 1] - means[:, 0])[:, None], params.confidence)
    blend, ours = (float(value) for value in quality.mean(axis=0))
    serves = bool(low > 0)
    reason = (
        f"NDCG@10 {ours:.4f} against the blend's {blend:.4f} on {len(judged):,} persons of the "
        f"days before, difference {ours - blend:+.4f} [{low:+.4f}, {high:+.4f}]"
    )
    return replace(
        ranker,
        serves=serves,
        reason=reason,
        n_judged=len(judged),
        ndcg=ours,
        blend_ndcg=blend,
        low=float(low),
        high=float(high),
    )


def _judged(split: Split | None, params: RecommenderParams) -> Codes:
    """Places of the persons with history, as many as the blend is tuned on."""
    if split is None:
        return np.empty(0, np.int32)
    rows = np.flatnonzero(split.persons >= 0).astype(np.int32)
    if len(rows) > params.tuning_persons:
        draw = np.random.default_rng(params.seed)
        rows = np.sort(draw.choice(rows, params.tuning_persons, replace=False, shuffle=False))
    return rows


def _ndcg(model: Model, split: Split, judged: Codes) -> Doubles:
    """NDCG@10 of a model's own lists, with no rung below it; shape (len(judged),)."""
    found = []
    for batch in batches(len(judged), len(split.candidates)):
        rows = judged[batch]
        persons = split.persons[rows]
        allowed = allowed_block(len(persons), split.candidates, split.seen[persons])
        top = top_n([for_persons(model, persons, allowed)], allowed, K)
        found.append(ndcg(hits_of(top.items, split.relevant[rows]), split.n_relevant[rows], K))
    return np.concatenate(found)
