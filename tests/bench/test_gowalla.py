"""The public comparison: its protocol on a planted shop, its figures on the real data."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.recommender import gowalla
from bench.recommender.gowalla import DATA, LABELS, PUBLISHED, ROOT, Measured, measure, read
from trasos.errors import InputError
from trasos.recommender.models.popularity import Popular
from trasos.recommender.models.rp3beta import Rp3Beta

N_PERSONS, N_PRODUCTS, N_GROUPS = 240, 90, 6


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People of six tastes who take products of their own taste, now and then another."""
    folder = tmp_path_factory.mktemp("gowalla")
    draw = np.random.default_rng(5)
    rows = []
    for person in range(N_PERSONS):
        own = np.flatnonzero(np.arange(N_PRODUCTS) % N_GROUPS == person % N_GROUPS)
        taken = np.union1d(draw.choice(own, 10, replace=False), draw.integers(0, N_PRODUCTS, 2))
        splits = draw.permutation(["train"] * (len(taken) - 5) + ["valid"] * 2 + ["test"] * 3)
        rows += [(str(s), person, int(i)) for s, i in zip(splits, taken, strict=True)]
    columns = zip(*rows, strict=True)
    names = ["split", "user_id", "item_id"]
    table = pa.table([pa.array(column) for column in columns], names=names)
    pq.write_table(table, folder / "interactions.parquet")
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gowalla, "START", replace(gowalla.START, als_factors=12))
    grids = {"ALPHAS": (0.7,), "BETAS": (0.2,), "CONFIDENCES": (100.0,), "SHARPENINGS": (2.5,)}
    for name, values in grids.items():
        monkeypatch.setattr(gowalla, name, values)


def test_planted_taste_is_found_and_what_was_learnt_from_is_not_listed(
    planted: Path, quick: None
) -> None:
    measured = measure(planted)
    assert set(measured.values) == set(LABELS)
    for model in ("rp3beta", "als", "filter", "blend"):
        _, low, _ = measured.interval(model, "popular")
        assert (low > 0.3).all()
    # Fifteen products of one's own taste, seven of them known: twenty places hold all that is left.
    assert measured.values["rp3beta"][:, 0].mean() > 0.75
    assert gowalla.table_of(measured).row_count == len(PUBLISHED) + len(LABELS)
    assert "graph filter" in gowalla.said(measured)


def test_the_test_chooses_nothing(planted: Path, quick: None, tmp_path: Path) -> None:
    rows = pq.read_table(planted / "interactions.parquet").to_pandas()
    is_test = rows["split"] == "test"
    rows.loc[is_test, "item_id"] = (rows.loc[is_test, "item_id"] + 1) % N_PRODUCTS
    pq.write_table(pa.Table.from_pandas(rows), tmp_path / "interactions.parquet")
    one, other = measure(planted), measure(tmp_path)
    assert (one.chosen.params, one.chosen.how, one.chosen.shares) == (
        other.chosen.params,
        other.chosen.how,
        other.chosen.shares,
    )
    assert not np.array_equal(one.values["blend"], other.values["blend"])


def test_ranking_the_near_only_lists_what_ranking_all_would(planted: Path) -> None:
    part, _ = read(planted)
    models = [Rp3Beta.fit(part.train, gowalla.START), Popular.fit(part.train)]
    shares = [(1.0, 0.0), (0.7, 0.3), (0.2, 0.8)]
    whole = gowalla.answers(models, shares, part, part.judged)
    near = gowalla.answers(models, shares, part, part.judged, 60)
    assert np.array_equal(whole, near)


def test_missing_data_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="set TRASOS_DATA"):
        read(tmp_path)


@pytest.fixture(scope="module")
def measured() -> Measured:
    if not DATA.exists() and not os.environ.get("CI"):
        pytest.skip(f"Gowalla's check-ins are not here ({DATA}): set TRASOS_DATA to their folder.")
    return measure()


@pytest.mark.slow
def test_the_blend_finds_more_than_its_parts_and_than_what_is_published(measured: Measured) -> None:
    assert len(measured.values["blend"]) == 29_858
    recall, gain = measured.values["blend"].mean(axis=0)
    assert recall >= 0.190 > PUBLISHED["SimpleX"][0]
    assert gain >= 0.158 > PUBLISHED["SimpleX"][1]
    for part in gowalla.PARTS:
        _, low, _ = measured.interval("blend", part)
        assert (low > 0).all()
    assert measured.seconds["blend"] < 300


@pytest.mark.slow
def test_the_page_says_what_was_measured(measured: Measured) -> None:
    page = (ROOT / "docs/decisions/collaborative.md").read_text()
    for model in LABELS:
        figures = [float(measured.chosen.valid[model][1])]
        figures += measured.values[model].mean(axis=0).tolist()
        assert " | ".join(f"{figure:.4f}" for figure in figures) in page
