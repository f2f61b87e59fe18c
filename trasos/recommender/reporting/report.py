"""The report of an evaluation: one page and its pictures, kept beside the rows."""

from __future__ import annotations

from trasos.recommender.data import InteractionLog
from trasos.recommender.evaluate import EvaluationResult
from trasos.recommender.params import RecommenderParams
from trasos.recommender.plots import metrics_plot
from trasos.recommender.reporting.figures import (
    LISTS,
    difference_table,
    moment,
    slice_tables,
)
from trasos.recommender.reporting.pages import to_html
from trasos.recommender.reporting.pictures import lists_plot, slices_plot, weights_plot
from trasos.recommender.verdict import LABEL, METRIC, K, served_model, verdict

PAGE, PLOT = "report.html", "metrics.png"
SLICES_PLOT, LISTS_PLOT, WEIGHTS_PLOT = "slices.png", "lists.png", "weights.png"
PICTURES = (PLOT, SLICES_PLOT, LISTS_PLOT, WEIGHTS_PLOT)


def report_files(
    model_version: str, result: EvaluationResult, log: InteractionLog, params: RecommenderParams
) -> dict[str, bytes]:
    """The page and its pictures by file name; nothing where nothing was held out.

    Args:
        model_version: the version that was evaluated.
        result: its evaluation.
        log: all interactions, the held-out ones among them.
        params: tunables.
    """
    if result.split is None or result.recommender is None:
        return {}
    blend = result.recommender.blend
    parts = [(part.name, weight) for part, weight in zip(blend.models, blend.weights, strict=True)]
    served = served_model(result.rows)
    pictures = {
        PLOT: metrics_plot(result.rows),
        SLICES_PLOT: slices_plot(result.rows, served, METRIC, K),
        LISTS_PLOT: lists_plot(result.rows, served),
        WEIGHTS_PLOT: weights_plot(parts),
    }
    title = f"Evaluation of {model_version}"
    text = _text(title, result, log, params)
    return {**pictures, PAGE: to_html(title, text, pictures)}


def _text(
    title: str, result: EvaluationResult, log: InteractionLog, params: RecommenderParams
) -> str:
    split = result.split
    assert split is not None  # report_files asks first
    said = verdict(result.rows, params.min_persons).replace("\n", "\n\n")
    tuned = result.tuning
    how = (
        "The log is too short to tune the blend: its weights are the defaults."
        if tuned is None or tuned.n_persons == 0
        else f"The blend was tuned on {tuned.n_persons:,} persons of the days before the test, "
        f"where it reached NDCG@10 {tuned.ndcg:.4f}."
    )
    return "\n\n".join(
        [
            f"# {title}",
            said,
            f"Judged on the {params.test_days} days from {moment(split.split_at)} to "
            f"{moment(log.last_at)}: {len(split.persons):,} persons who chose something that they "
            f"had not met before, among {int(split.candidates.sum()):,} products on sale. "
            f"Everything was learnt from {split.train.n_events:,} interactions of "
            f"{split.train.n_persons:,} persons before that moment. Intervals are paired "
            f"bootstraps over persons, {params.confidence:.0%} of {params.bootstrap_resamples:,} "
            "resamples.",
            f"![{LABEL}, Recall@20 and MAP@12 of every model]({PLOT})",
            "## Who it is good for",
            f"![{LABEL} of every model by slice]({SLICES_PLOT})",
            "What is served beside each baseline, on the same persons:",
            difference_table(result.rows, METRIC, K),
            "## What its lists are like",
            f"![Novelty, diversity, coverage and concentration]({LISTS_PLOT})",
            "Novelty is the mean self-information of what is listed, in bits; diversity the share "
            "of pairs in a list that differ in category and brand; coverage the share of what is "
            "on sale that stands in some list; exposure gini 0 where all products are listed "
            "alike, towards 1 where a few are.",
            "## The blend",
            f"![Weights of the blend]({WEIGHTS_PLOT})",
            how,
            "What serves is tuned once more, on its own last days: its card has those weights.",
            "## All figures",
            *slice_tables(result.rows),
            "## Lists",
            *slice_tables(result.rows, LISTS),
        ]
    )
