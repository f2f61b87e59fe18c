from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import orjson
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.dashboards.shop import ROOT, publish_shop
from trasos.cli import app
from trasos.dashboard import Dashboard, render_dashboards
from trasos.errors import ConfigurationError, InputError, NotReadyError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BOARDS = ROOT / "dashboards"
DCT = Path(sys.executable).parent / "dct"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The newest 90 days, reckoned without a line of the dashboard's own SQL.
TOTALS = """
select
    format('{:,}', sum(sessions)::bigint) as sessions,
    format('{:,}', sum(orders)::bigint) as orders,
    format('{:.2f}%', (100 * sum(converting_sessions) / sum(sessions))::double) as conversion,
    format('{:,.0f} SEK', sum(net_revenue)::double) as net_revenue,
    format('{:,.0f} SEK', sum(gross_margin)::double) as gross_margin
from metrics_daily
where day > (select max(day) - 90 from metrics_daily)
"""


@dataclass
class Page:
    """What a browser made of the page, and what it complained of or asked for."""

    text: str = ""
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def before(published: Path) -> dict[str, str]:
    return fingerprints(published.parent)


@pytest.fixture(scope="module")
def validation(published: Path) -> Iterator[subprocess.Popen[bytes]]:
    """dbt-charts at work on the dashboards and on two that ask for a column that is not there."""
    boards = published.parents[1] / "dashboards"
    shutil.copytree(BOARDS, boards)
    sound = (boards / "trasos.yml").read_text()
    for name, column in (("query", "sum(view_sessions)"), ("chart", "y: session_count\n")):
        assert column in sound
        broken = sound.replace(column, column.replace("session", "sesion"))
        (boards / f"broken_{name}.yml").write_text(broken)
    names = ("trasos.yml", "growth.yml", "broken_query.yml", "broken_chart.yml")
    command: list[str | Path] = [DCT, "validate", "--warehouse", "--json", "--project-dir", boards]
    with subprocess.Popen(
        [*command, *(boards / name for name in names)],
        env={**os.environ, "DO_NOT_TRACK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def drawn(
    published: Path,
    before: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Dashboard]:
    boards = render_dashboards(published, BOARDS, tmp_path_factory.mktemp("build") / "dashboard")
    return {board.html.stem: board for board in boards}


@pytest.fixture(scope="module")
def pages(drawn: dict[str, Dashboard]) -> Iterator[dict[str, Page]]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        message = "The dashboards were not looked at: Chromium is not installed."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield {name: look(browser, board) for name, board in drawn.items()}
        browser.close()


def look(browser: Browser, board: Dashboard) -> Page:
    tab, seen = browser.new_context(offline=True).new_page(), Page()
    tab.on(
        "console",
        lambda told: (
            seen.complaints.append(told.text) if told.type in ("error", "warning") else None
        ),
    )
    tab.on("pageerror", lambda error: seen.complaints.append(str(error)))
    tab.on("request", lambda request: seen.requests.append(request.url))
    tab.goto(board.html.as_uri())
    tab.wait_for_load_state("networkidle")
    # Figures stand in words with narrow spaces and in pieces of a different size.
    seen.text = re.sub(r"\s+", " ", tab.inner_text("body"))
    return seen


@pytest.fixture(scope="module")
def page(pages: dict[str, Page]) -> Page:
    return pages["trasos"]


def fingerprints(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.browser
def test_figures_are_those_of_sql(page: Page, published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        totals = connection.execute(TOTALS).fetchone()
    assert totals is not None
    names = (
        "Sessions",
        "Orders",
        "Conversion (sessions that order)",
        "Net revenue",
        "Gross margin",
    )
    for name, total in zip(names, totals, strict=True):
        assert f"{total} {name}" in page.text
    assert "from 5 January 2026 to 4 April 2026" in page.text


@pytest.mark.browser
def test_money_is_in_the_currency_of_the_data(page: Page) -> None:
    assert "Money in SEK" in page.text
    assert not re.search(r"[$€]|EUR|USD", page.text)


@pytest.mark.browser
def test_many_categories_end_in_one_other(page: Page) -> None:
    names = re.findall(r"category \d+", page.text)
    assert len(set(names)) == 8
    assert "other" in page.text


@pytest.mark.browser
def test_recommender_stands_beside_its_baselines(page: Page) -> None:
    assert "1,234 persons with history" in page.text
    assert re.search(r"blend \(served\).* ALS .*popular", page.text)


@pytest.mark.browser
def test_growth_says_what_a_customer_costs_and_brings(pages: dict[str, Page]) -> None:
    text = pages["growth"].text
    for told in (
        "20.00 SEK",
        "100 SEK",
        "bigger_pictures, treatment: +1.20 points",
        "many orders recent",
    ):
        assert told in text
    # 112 in 28 days, as in the 28 before; search cost 20 a customer, who is worth five times that.
    assert re.search(r"112 New customers in 28 days", text)
    assert re.search(r"search 7,600 380 20.00 100 5.0 6.4", text)
    assert "By week, SEK; expected by naive" in text


@pytest.mark.browser
def test_pages_need_nothing_but_themselves(
    pages: dict[str, Page], drawn: dict[str, Dashboard]
) -> None:
    for name, page in pages.items():
        assert page.complaints == []
        asked = [url for url in page.requests if not url.startswith("data:")]
        assert asked == [drawn[name].html.as_uri()]


def test_pictures_are_whole(drawn: dict[str, Dashboard]) -> None:
    for board in drawn.values():
        with Image.open(board.png) as picture:
            picture.load()
            assert picture.width == 3360
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 100
    assert [path.name for path in sorted(drawn["trasos"].html.parent.iterdir())] == [
        *("growth.html", "growth.png"),
        *("trasos.html", "trasos.png"),
    ]


def test_published_copy_is_left_as_it_was(
    drawn: dict[str, Dashboard], before: dict[str, str], published: Path
) -> None:
    assert fingerprints(published.parent) == before


@pytest.mark.slow
def test_columns_that_are_not_there_are_refused(validation: subprocess.Popen[bytes]) -> None:
    answer, complaint = validation.communicate()
    assert answer, complaint.decode()
    errors = {Path(board["path"]).name: board["errors"] for board in orjson.loads(answer)}
    assert errors.pop("trasos.yml") == errors.pop("growth.yml") == []
    assert set(errors) == {"broken_query.yml", "broken_chart.yml"}
    for found in errors.values():
        assert any("sesion" in error["message"] for error in found)
    assert validation.returncode == 1


def test_nothing_published_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRASOS_PUBLISHED", raising=False)
    monkeypatch.setenv("TRASOS_HOME", str(tmp_path))
    with pytest.raises(NotReadyError, match="Nothing is published"):
        render_dashboards(tmp_path / "published" / "trasos.duckdb", BOARDS, tmp_path / "build")
    result = CliRunner().invoke(app, ["dashboard"])
    assert result.exit_code == 1
    assert not (tmp_path / "build").exists()


def test_missing_boards_are_said(published: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="root of the repository"):
        render_dashboards(published, tmp_path, tmp_path / "build")


@pytest.mark.slow
def test_refused_dashboard_leaves_the_earlier_one(tmp_path: Path) -> None:
    empty = tmp_path / "trasos.duckdb"
    duckdb.connect(str(empty)).close()
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "trasos.html").write_text("earlier")
    with pytest.raises(InputError, match="metrics_daily"):
        render_dashboards(empty, BOARDS, tmp_path / "build")
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["trasos.html"]


@pytest.mark.slow
def test_shop_of_three_days_without_orders_is_drawn(tmp_path: Path) -> None:
    rows = """
        insert into metrics_daily by name
        select date '2026-01-01' + day::integer as day, 10 as sessions, 0 as converting_sessions
        from range(3) as days(day);
        insert into dim_products by name select 'p1' as product_id, 'EUR' as currency;
    """
    boards = render_dashboards(publish_shop(tmp_path, rows), BOARDS, tmp_path / "build")
    growth, shop = (board.html.read_text() for board in boards)
    assert "No evaluation yet" in shop
    assert "No experiment with exposures yet" in growth
