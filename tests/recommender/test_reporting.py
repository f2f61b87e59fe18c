"""The report of an evaluation and the card of a model: all from records, readable alone."""

from __future__ import annotations

import datetime as dt
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.recommender.factory import Shop
from trasos import recommender
from trasos.cli import app
from trasos.errors import NotReadyError
from trasos.recommender.evaluate import BASELINES
from trasos.recommender.gate import pointer
from trasos.recommender.reporting.card import keep_card, model_card
from trasos.recommender.reporting.pages import to_html
from trasos.recommender.reporting.report import PAGE, PICTURES

VARS = {"als_factors": 8, "bootstrap_resamples": 213, "tuning_persons": 77, "list_length": 20}


@pytest.fixture(scope="module")
def artefacts(tasteful: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home") / "artefacts"
    persons = pa.table({"person_id": sorted(set(tasteful.interactions["person_id"].to_pylist()))})
    given = tasteful.interactions, tasteful.products, VARS, folder
    recommender.judgement(*given, persons, {})
    return folder


@pytest.fixture(scope="module")
def version(artefacts: Path) -> str:
    (row,) = recommender.champion(artefacts).to_pylist()
    return str(row["model_version"])


class Page(HTMLParser):
    """What a page would fetch, and what it says."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


def test_the_report_is_one_page_that_fetches_nothing(artefacts: Path, version: str) -> None:
    folder = artefacts / "evaluations" / version
    page = Page((folder / PAGE).read_bytes())
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "a"}
    sources = [attributes["src"] or "" for tag, attributes in page.tags if tag == "img"]
    assert len(sources) == len(PICTURES) == 4
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in sources)
    for name in PICTURES:
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    assert (folder / "verdict.txt").read_text().splitlines()[0] in page.text
    checked = json.loads((folder / "manifest.json").read_text())["files"]
    assert {*PICTURES, PAGE} < set(checked)


def test_the_report_shows_every_model_in_every_slice(artefacts: Path, version: str) -> None:
    folder = artefacts / "evaluations" / version
    text = Page((folder / PAGE).read_bytes()).text
    rows = pq.read_table(folder / "evaluation.parquet").to_pylist()
    assert len(rows) > 300
    for row in rows:
        assert f"{row['value']:.4f}" in text
        assert row["model"] in text and row["slice"] in text
        if row["ci_low"] is not None:
            assert f"[{row['ci_low']:.4f}," in text and f"{row['ci_high']:.4f}]" in text
    weights = json.loads((folder / "manifest.json").read_text())["tuning"]
    assert f"tuned on {weights['n_persons']:,} persons" in text


def test_a_log_too_short_has_no_report(tmp_path: Path) -> None:
    from tests.recommender.factory import interactions_table, products_table

    rows = [("a", f"p000{day:02d}", "s", "product_viewed", float(day)) for day in range(4)]
    given = interactions_table(rows), products_table(30), {"list_length": 5}, tmp_path
    assert recommender.evaluation(*given).num_rows == 0
    (folder,) = (tmp_path / "evaluations").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        "candidates.parquet",
        "evaluation.parquet",
        "manifest.json",
        "verdict.txt",
    ]
    (trained,) = recommender.train(*given).to_pylist()
    card = model_card(tmp_path, trained["model_version"])
    assert "No verdict: the log is too short" in card and "It has not judged this version" in card


def test_markup_in_a_record_is_shown_and_not_followed() -> None:
    page = Page(to_html("<b>", "a <script>alert(1)</script> ![x](http://elsewhere/x.png)"))
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>" in page.text.replace("\n", "")


NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")


def numbers_of(records: Any) -> set[str]:
    """Every number of the records, in each spelling that a card may use."""
    if isinstance(records, bool) or records is None:
        return set()
    if isinstance(records, dict):
        return {found for each in records.items() for part in each for found in numbers_of(part)}
    if isinstance(records, list | tuple):
        return {found for each in records for found in numbers_of(each)}
    if isinstance(records, int):
        moment = dt.datetime.fromtimestamp(records, dt.UTC) if 0 < records < 2e9 else None
        spelt = {f"{records:,}", str(records)}
        return spelt | (numbers_of(f"{moment:%Y-%m-%d %H:%M}") if moment else set())
    if isinstance(records, float):
        return {f"{records:.4f}", f"{records:+.4f}", f"{records:.4g}"}
    return set(NUMBER.findall(str(records)))


def records_on_disk(artefacts: Path, version: str) -> list[Any]:
    found: list[Any] = [json.loads((artefacts / "champion.json").read_text())]
    for path in artefacts.rglob("*"):
        if version in path.parts and "cards" not in path.parts:
            if path.name == "manifest.json":
                found.append(json.loads(path.read_text()))
            elif path.suffix == ".parquet":
                found.append(pq.read_table(path).to_pylist())
            elif path.suffix == ".txt":
                found.append(path.read_text())
    return found


def test_every_number_of_the_card_is_on_record(artefacts: Path, version: str) -> None:
    card = model_card(artefacts, version)
    known = numbers_of(records_on_disk(artefacts, version))
    # The year of the paper that gave the form.
    known.add("2019")
    spoken = card.replace(version, "").replace("\N{NO-BREAK SPACE}", " ")
    numbers = NUMBER.findall(spoken)
    assert len(numbers) > 300
    assert not [number for number in numbers if number not in known]


def test_another_record_makes_another_card(
    artefacts: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No number is the template's: each figure of the records that moves, moves in the card."""
    from trasos.recommender.reporting import card as module
    from trasos.recommender.reporting import records as reading

    found = reading.records_of(artefacts, version)
    rows = found.rows.to_pylist()
    for row in rows:
        row.update(value=row["value"] + 7, n_persons=row["n_persons"] + 70_000)
    manifest = {
        **found.manifest,
        "n_interactions": 987_654,
        "trained_from": found.manifest["trained_from"] - 400 * 86_400,
        "parameters": {**found.manifest["parameters"], "als_factors": 333, "test_days": 99},
    }
    changed = reading.Records(
        **{
            **vars(found),
            "rows": pa.Table.from_pylist(rows, schema=found.rows.schema),
            "manifest": manifest,
        }
    )
    monkeypatch.setattr(module, "records_of", lambda *_: changed)
    card = model_card(artefacts, version)
    assert "987,654" in card and "| 333 |" in card and "Judged on the 99 days" in card
    assert dt.datetime.fromtimestamp(manifest["trained_from"], dt.UTC).strftime("%Y-%m-%d") in card
    for row in rows:
        assert f"{row['value']:.4f}" in card and f"{row['n_persons']:,}" in card
        assert f"{row['value'] - 7:.4f} [" not in card


def test_the_card_says_what_mitchell_asks_for(artefacts: Path, version: str) -> None:
    card = model_card(artefacts, version)
    headings = re.findall(r"^## (.*)$", card, re.MULTILINE)
    assert headings == [
        "What it is",
        "What it learnt from",
        "Parameters",
        "How it did",
        "What the gate decided",
        "Limits",
        "What it must not be used for",
        "Persons",
        "How to go back",
    ]
    assert "**first**, with no champion before it." in card
    for name in ("full_lists", "not_too_good"):
        assert f"`{name}`" in card
    rows = pq.read_table(artefacts / "evaluations" / version / "evaluation.parquet").to_pylist()
    unproved = {
        row["slice"]
        for row in rows
        if (row["model"], row["metric"]) == ("blend", "ndcg")
        and (row["diff_low"] is None or row["diff_low"] <= 0)
        and row["baseline"] in BASELINES
    }
    assert ("it was not shown to beat" in card) == bool(unproved)


def test_the_card_is_kept_beside_and_the_artefact_stays(artefacts: Path, version: str) -> None:
    folder = artefacts / "cards" / version
    text = (folder / "model_card.md").read_text()
    assert text == model_card(artefacts, version)
    assert "model_card.md" not in {path.name for path in (artefacts / version).iterdir()}
    page = Page((folder / "model_card.html").read_bytes())
    assert "What it must not be used for" in page.text
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    keep_card(artefacts, version)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    # What people do afterwards is on record, and the card says so.
    moved = (artefacts / "champion.json").read_bytes()
    pointer.move(artefacts, None, pointer.RETIREMENT, "Nobody liked its lists.")
    assert "Nobody liked its lists." in model_card(artefacts, version)
    keep_card(artefacts, version)
    assert "Nobody liked its lists." in (folder / "model_card.md").read_text()
    (artefacts / "champion.json").write_bytes(moved)


def test_the_command_prints_the_card(
    artefacts: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRASOS_HOME", str(artefacts.parent))
    done = CliRunner().invoke(app, ["model", "card", version])
    assert done.exit_code == 0 and done.output == model_card(artefacts, version)
    done = CliRunner().invoke(app, ["model", "card", "0123"])
    assert done.exit_code == 1 and "There is no model 0123" in done.output
    with pytest.raises(NotReadyError):
        model_card(artefacts, "runs")
