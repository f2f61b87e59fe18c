"""The published figures of VMIS-kNN on real clicks, and ours, chosen on validation alone."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from bench.recommender.sessions import (
    AS_PUBLISHED,
    DATA,
    PUBLISHED,
    ROOT,
    Measured,
    measure,
    table_of,
)
from trasos.errors import InputError


@pytest.fixture(scope="module")
def measured() -> Measured:
    if not DATA.exists() and not os.environ.get("CI"):
        pytest.skip(f"Serenade's clicks are not here ({DATA}): set TRASOS_DATA to their folder.")
    return measure()


def test_the_protocol_asks_what_was_published(measured: Measured) -> None:
    row = measured.of("session_knn", "mrr")
    assert (row["n_questions"], row["n_sessions"]) == (931, 302)
    assert measured.tunings["session_knn"].n_questions == 1121


def test_ours_reaches_what_was_published_and_more(measured: Measured) -> None:
    mrr, hit_rate = (measured.of("session_knn", metric) for metric in ("mrr", "hit_rate"))
    assert mrr["value"] >= 0.340
    assert hit_rate["value"] >= 0.66
    assert measured.valid["session_knn"][0] > PUBLISHED["valid_mrr"]


def test_every_model_stands_in_its_place(measured: Measured) -> None:
    assert measured.of("session_knn", "mrr", AS_PUBLISHED)["diff_low"] > 0
    assert measured.of("session_knn", "mrr", "covisitation")["diff_low"] > 0
    assert measured.of("covisitation", "mrr", "popular")["diff_low"] > 0


def test_the_table_shows_published_and_ours(measured: Measured) -> None:
    assert table_of(measured).row_count == 5


def test_the_page_says_what_was_measured(measured: Measured) -> None:
    page = (ROOT / "docs/decisions/next_product.md").read_text()
    for model in ("popular", "covisitation", AS_PUBLISHED, "session_knn"):
        figures = [measured.valid[model][0]]
        figures += [measured.of(model, metric)["value"] for metric in ("mrr", "hit_rate")]
        assert " | ".join(f"{figure:.4f}" for figure in figures) in page


def test_missing_or_foreign_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="set TRASOS_DATA"):
        measure(tmp_path)
    with gzip.open(tmp_path / "train.txt.gz", "wt") as file:
        file.write("user,item\n")
    with pytest.raises(InputError, match="does not begin with"):
        measure(tmp_path)
