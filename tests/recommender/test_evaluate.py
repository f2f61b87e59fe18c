import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from tests.recommender.factory import Shop, interactions_table, products_table
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.evaluate import BASELINES, ROWS, EvaluationResult, evaluate, slices
from trasos.recommender.fit import fit
from trasos.recommender.judge import LIST_METRICS, PERSON_METRICS
from trasos.recommender.packing import pack
from trasos.recommender.params import RecommenderParams
from trasos.recommender.plots import metrics_plot
from trasos.recommender.split import Split, split_as_tuned
from trasos.recommender.tune import UNTUNED_WEIGHTS, tune, weight_grid
from trasos.recommender.verdict import verdict

PARAMS = RecommenderParams(als_factors=24, bootstrap_resamples=500)


def split(log: InteractionLog, catalogue: Catalogue) -> Split:
    found = split_as_tuned(log, catalogue, PARAMS, PARAMS.test_days)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def result(log: InteractionLog, catalogue: Catalogue) -> EvaluationResult:
    return evaluate(log, catalogue, PARAMS)


def cell(result: EvaluationResult, model: str, metric: str, **where: str) -> dict[str, float]:
    wanted = {"model": model, "metric": metric, "slice": "warm", "baseline": "popular", **where}
    rows = [
        row
        for row in result.rows.to_pylist()
        if all(row[name] == value for name, value in wanted.items())
    ]
    assert len(rows) == 1
    return rows[0]


def test_planted_taste_is_found(result: EvaluationResult) -> None:
    for baseline in BASELINES:
        assert cell(result, "blend", "ndcg", baseline=baseline)["diff_low"] > 0.05
    assert "No evidence" not in verdict(result.rows)
    assert result.tuning is not None
    assert result.tuning.n_persons > 100
    assert result.tuning.weights in weight_grid()
    assert sum(result.tuning.weights) == pytest.approx(1)


def test_planted_nothing_is_not_found(tasteless: Shop) -> None:
    catalogue = Catalogue.from_arrow(tasteless.products)
    log = InteractionLog.from_arrow(tasteless.interactions, catalogue)
    said = verdict(evaluate(log, catalogue, PARAMS).rows)
    assert "No evidence that the model finds anything beyond chance within a department" in said


def test_rows_cross_models_slices_metrics_and_baselines_once(result: EvaluationResult) -> None:
    assert result.rows.schema == ROWS
    rows = result.rows.to_pylist()
    keys = {(row["model"], row["slice"], row["metric"], row["baseline"]) for row in rows}
    n_slices = len({row["slice"] for row in rows})
    n_metrics = len(PERSON_METRICS + LIST_METRICS)
    assert len(keys) == len(rows) == 8 * n_slices * n_metrics * len(BASELINES)
    assert result.recommender is not None
    served = "ranked" if result.recommender.ranker.serves else "blend"
    assert {row["model"] for row in rows if row["is_served"]} == {served}
    for row in rows:
        assert np.isfinite(row["value"])
        if row["ci_low"] is not None:
            assert row["ci_low"] <= row["value"] <= row["ci_high"]
            assert row["diff_low"] <= row["difference"] + 1e-12
            assert row["difference"] - 1e-12 <= row["diff_high"]
        if row["model"] == row["baseline"]:
            assert row["difference"] == 0


def test_differences_are_between_the_values(result: EvaluationResult) -> None:
    blend, popular = cell(result, "blend", "recall"), cell(result, "popular", "recall")
    assert blend["difference"] == pytest.approx(blend["value"] - popular["value"])
    assert blend["n_persons"] == popular["n_persons"]
    assert 0 < result.normal_gap < 0.5


def test_slices_part_the_judged(log: InteractionLog, catalogue: Catalogue) -> None:
    held_out = split(log, catalogue)
    held_out = dataclasses.replace(held_out, persons=held_out.persons.copy())
    n_new = int((held_out.persons < 0).sum())
    held_out.persons[np.flatnonzero(held_out.persons >= 0)[:5]] = -1
    members = slices(held_out, PARAMS)
    assert members["new"].sum() == n_new + 5
    assert (members["warm"] ^ members["new"]).all()
    assert not (members["heavy"] & members["new"]).any()
    assert members["heavy"].sum() < members["warm"].sum()


def test_what_happens_after_the_split_changes_nothing_learnt(
    log: InteractionLog, catalogue: Catalogue, tasteful: Shop
) -> None:
    held_out = split(log, catalogue)
    at = tasteful.interactions["event_at"].cast(pa.int64()).to_numpy() // 1_000_000
    later = (at >= held_out.split_at) & (at < log.last_at)
    table = tasteful.interactions
    product = table["product_id"].to_numpy(zero_copy_only=False).copy()
    product[later] = "p00003"
    person = table["person_id"].to_numpy(zero_copy_only=False).copy()
    person[np.flatnonzero(later)[::2]] = "a new person who sorts first"
    changed = table.set_column(0, "person_id", pa.array(person))
    changed = changed.set_column(1, "product_id", pa.array(product))
    other = split(InteractionLog.from_arrow(changed, catalogue), catalogue)
    assert other.split_at == held_out.split_at
    assert other.relevant.nnz != held_out.relevant.nnz
    fitted = [pack(fit(part.train, catalogue, PARAMS), catalogue) for part in (held_out, other)]
    assert fitted[0] == fitted[1]


def test_the_weights_are_not_tuned_on_the_test(
    log: InteractionLog, catalogue: Catalogue, result: EvaluationResult
) -> None:
    assert result.tuning == tune(split(log, catalogue).train, catalogue, PARAMS)


def test_threads_change_no_bit(
    log: InteractionLog, catalogue: Catalogue, result: EvaluationResult
) -> None:
    assert evaluate(log, catalogue, PARAMS, n_threads=1).rows.equals(result.rows)


def test_a_log_too_short_has_no_rows_and_default_weights() -> None:
    catalogue = Catalogue.from_arrow(products_table(5))
    rows = [("a", f"p0000{day}", "s", "product_viewed", float(day)) for day in range(4)]
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    result = evaluate(log, catalogue, PARAMS)
    assert result.rows.num_rows == 0
    assert result.split_at is None
    assert tune(log, catalogue, PARAMS).weights == UNTUNED_WEIGHTS


def test_one_judged_person_has_values_without_intervals() -> None:
    catalogue = Catalogue.from_arrow(products_table(30))
    rows = [("a", f"p000{day:02d}", f"s{day}", "product_viewed", float(day)) for day in range(25)]
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    result = evaluate(log, catalogue, PARAMS)
    row = cell(result, "blend", "recall")
    assert row["n_persons"] == 1
    assert (row["ci_low"], row["diff_high"]) == (None, None)
    assert verdict(result.rows).startswith("No verdict")


def test_the_picture_is_a_png_and_follows_the_rows(result: EvaluationResult) -> None:
    drawn = metrics_plot(result.rows)
    assert drawn.startswith(b"\x89PNG")
    assert drawn != metrics_plot(result.rows, slice_name="all")
