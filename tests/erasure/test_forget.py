"""A person of the small shop is forgotten, from landing to publication, and stays forgotten."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from typer.testing import CliRunner

from tests.factories import make_event
from tests.warehouse.home import ROOT, Home, fingerprints
from trasos.cli import app
from trasos.erasure import ErasureReport, forget, preview, verify
from trasos.erasure.warehouse import CARRIED
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.landing.tombstones import ERASED
from trasos.publishing import publish, published_tables
from trasos.publishing.versions import versions
from trasos.settings import Settings

TABLET, OWN, OTHER = "tablet-of-two-people", "second-phone-of-the-person", "c000999"
DAY = datetime(2026, 6, 20)


def models_of(home: Home) -> list[str]:
    """What lies among the artefacts, but for locks."""
    names = (path.name for path in home.settings.artefacts.iterdir())
    return sorted(name for name in names if not name.startswith("."))


def visit(hour: int, **changes: Any) -> dict[str, Any]:
    """An event of the day of the shared tablet; visits are hours apart."""
    return make_event(at=DAY + timedelta(hours=hour), **changes)


def first_delivery(person: str) -> list[Any]:
    """What happens on the tablet, a device more, and every kind of line that names the person."""
    twice = visit(13, anonymousId=OWN, userId=None, messageId="twice")
    return [
        visit(1, anonymousId=TABLET, userId=None),
        visit(3, anonymousId=TABLET, userId=OTHER),
        visit(5, anonymousId=TABLET, userId=person),
        visit(7, anonymousId=TABLET, userId=None),
        visit(9, anonymousId=TABLET, userId=OTHER),
        visit(11, anonymousId=TABLET, userId=None),
        visit(12, anonymousId=OWN, userId=person),
        twice,
        twice,
        visit(14, anonymousId=None, userId=person),
        visit(15, anonymousId="guest", userId=None, properties={"invited_by": person}),
    ]


def late_delivery(person: str) -> list[Any]:
    return [
        visit(16, anonymousId="a-third-phone", userId=person),
        visit(17, anonymousId=OWN, userId=None),
        visit(8, anonymousId=TABLET, userId=None),
        visit(10, anonymousId=TABLET, userId=None),
        visit(18, anonymousId=TABLET, userId=OTHER),
    ]


@dataclass
class Story:
    """A shop before and after somebody was forgotten."""

    home: Home
    person: str
    before: dict[str, Any] = field(default_factory=dict)
    foretold: ErasureReport | None = None
    report: ErasureReport | None = None


MONEY = """
    select order_date, count(*), sum(gross_merchandise_value), sum(net_revenue), sum(gross_margin)
    from fct_orders group by order_date order by order_date
"""
SALES = "select * from rpt_sales_daily order by all"
OTHERS = "select * from fct_sessions where person_id <> 'customer:' || ? order by session_id"
LINES = "select sum(line_count) from rpt_event_conservation"


def drop(home: Home, name: str, lines: list[Any], broken: bytes = b"") -> None:
    folder = home.settings.inbox / "shop" / "events" / "late"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines) + broken)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The whole way, once: built, published, killed at forgetting, forgotten."""
    home = Home(tmp_path_factory.mktemp("forgetting"))
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("TRASOS_", "DBT_"))]:
            patch.delenv(name)
        patch.setenv("TRASOS_HOME", str(home.path))
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        patch.chdir(ROOT)
        home.simulate()
        orders = home.settings.inbox / "shop/tables/orders.parquet"
        ((person,),) = duckdb.execute(
            f"select customer_id from '{orders}' where customer_id is not null and status <> "
            "'cancelled' group by 1 order by count(*) desc, 1 limit 1"
        ).fetchall()
        drop(home, "first.jsonl", first_delivery(person), f'{{"userId": "{person}", '.encode())
        home.land()
        home.dbt("build", "--exclude-resource-types", "unit_test")
        publish_all(home)
        (version,) = versions(home.settings.published)
        # An older version that holds the person as well.
        shutil.copyfile(version, version.with_name("trasos_20200101T000000000000Z_00000000.duckdb"))
        story = Story(home, person)
        story.before = {
            "money": home.query(MONEY),
            "sales": home.query(SALES),
            "others": home.query(OTHERS, [person]),
            "lines": home.query(LINES),
            "models": models_of(home),
        }
        story.foretold = preview(person, "shop", home.settings)
        kill_at_the_third_batch(story)
        story.report = forget(person, "shop", home.settings)
        yield story


def publish_all(home: Home) -> None:
    tables = published_tables(home.path / "target/manifest.json")
    publish(home.warehouse, home.settings.published, tables)


def kill_at_the_third_batch(story: Story) -> None:
    """The tombstone stands, and landing is half done."""
    script = """
import os, signal, sys
from trasos.cli import app
from trasos.erasure import landed
done, bury = 0, landed.bury
def deadly(*given):
    global done
    done += 1
    if done == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return bury(*given)
landed.bury = deadly
app(["forget", sys.argv[1]])
"""
    killed = subprocess.run([sys.executable, "-c", script, story.person], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert verify(story.person, "shop", story.home.settings).failed


def holding(file: Path, *ids: str) -> list[str]:
    """Tables of a DuckDB file with a row that holds an id, by the text of whole rows."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        condition = " or ".join(f"contains(cast(t as varchar), '{one}')" for one in ids)
        return [
            table
            for (table,) in tables
            if connection.execute(
                f"select 1 from {table} as t where {condition} limit 1"
            ).fetchall()
        ]


@pytest.mark.slow
def test_the_dry_run_foretells_and_the_search_proves(story: Story) -> None:
    foretold, report = story.foretold, story.report
    assert foretold is not None and report is not None
    assert not foretold.failed and foretold.hits > 100
    assert {layer.name for layer in foretold.layers if layer.hits} == {
        "landing",
        "warehouse",
        "published",
    }
    assert dict(foretold.steps)["times on devices of others too"] == 1
    assert dict(report.steps)["published versions dropped"] == 2
    assert report.hits == 0 and not report.failed, report.layers
    assert all(layer.files for layer in report.layers[:4])
    assert any("first.jsonl" in path for path in report.outside)


@pytest.mark.slow
def test_nothing_holds_the_person_by_another_way_of_looking(story: Story) -> None:
    home = story.home
    for file in (home.warehouse, home.settings.published):
        assert holding(file, story.person, OWN) == []
    assert holding(home.warehouse, OTHER) != []
    landed = f"{home.settings.landing}/shop/*/*/*/*.parquet"
    tables = f"{home.settings.landing}/shop/tables/*.parquet"
    for paths in (landed, tables):
        for path in map(
            Path, duckdb.execute(f"select file from glob('{paths}')").fetchnumpy()["file"]
        ):
            rows = duckdb.execute(f"select cast(t as varchar) from '{path}' as t").fetchall()
            assert not any(story.person in row or OWN in row for (row,) in rows), path
    assert len(versions(home.settings.published)) == 1
    models = models_of(home)
    assert len(models) == len(story.before["models"]) and models != story.before["models"]


@pytest.mark.slow
def test_money_stays_to_the_cent(story: Story) -> None:
    assert story.before["money"] == story.home.query(MONEY)
    assert story.before["sales"] == story.home.query(SALES)
    assert story.before["lines"] == story.home.query(LINES)
    assert (
        story.home.one("select count(*) from dim_persons where customer_id = ?", [story.person])
        == 0
    )


@pytest.mark.slow
def test_sessions_of_others_stay_row_for_row(story: Story) -> None:
    after = story.home.query("select * from fct_sessions order by session_id")
    gone = set(story.before["others"]) - set(after)
    # The guest's visit named the person and went with it; everything else is as it was.
    assert [row[1] for row in gone] == ["guest"]
    assert set(after) <= set(story.before["others"])
    assert story.home.query(
        "select event_at from int_events_accepted where visitor_id = ? order by 1", [TABLET]
    ) == [(DAY + timedelta(hours=hour),) for hour in (1, 3, 9, 11)]


@pytest.mark.slow
def test_it_equals_a_build_from_landing(story: Story, tmp_path: Path) -> None:
    fresh = Home(tmp_path)
    shutil.copytree(story.home.settings.landing, fresh.settings.landing)
    fresh.dbt("build", "--exclude-resource-types", "unit_test")
    expected, found = fingerprints(fresh), fingerprints(story.home)
    # These tell when they were made, or of models that were, and are taken along whole.
    for name in ("int_watermarks", *(name for name, stays in CARRIED.items() if stays == "true")):
        assert expected.pop(name) and found.pop(name)
    assert found == expected


@pytest.mark.slow
def test_what_comes_late_stays_out(story: Story) -> None:
    home, person = story.home, story.person
    lines = home.one(LINES)
    drop(home, "late.jsonl", late_delivery(person), f'{{"userId": "{person}", '.encode())
    orders = home.settings.inbox / "shop/tables/orders.parquet"
    again = orders.with_name("again.parquet")
    # The shop's table as it was, but for one more row: it is landed anew, the person in it.
    duckdb.execute(
        f"copy (from '{orders}' union all select * replace ('o-new' as order_id) from "
        f"(from '{orders}' where customer_id = '{person}' limit 1)) to '{again}'"
    )
    again.replace(orders)
    home.land()
    home.dbt("build", "--exclude-resource-types", "unit_test")
    assert home.one("select customer_id is null from fct_orders where order_id = 'o-new'") is True
    assert home.one(LINES) == lines + len(late_delivery(person)) + 1
    (reasons,) = home.query(
        "select count(*) filter (where reason = ?), count(*) from int_dead_letters_unioned "
        "where source_file = 'events/late/late.jsonl'",
        [ERASED],
    )
    assert reasons == (3, 4)
    assert home.query(
        "select event_at from int_events_accepted where visitor_id = ? order by 1", [TABLET]
    ) == [(DAY + timedelta(hours=hour),) for hour in (1, 3, 9, 10, 11, 18)]
    assert holding(home.warehouse, person, OWN) == []
    proof = verify(person, "shop", home.settings)
    assert proof.hits == 0, proof.layers
    # Once more changes nothing, and proves it again.
    stamp = home.warehouse.stat().st_mtime_ns
    assert forget(person, "shop", home.settings).hits == 0
    assert home.warehouse.stat().st_mtime_ns == stamp


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["forget", *arguments])


def test_what_cannot_be_done_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRASOS_HOME", str(tmp_path))
    monkeypatch.chdir(ROOT)
    settings = Settings.from_env()
    with pytest.raises(InputError, match="was forgotten here"):
        verify("c1", "shop", settings)
    with pytest.raises(ConfigurationError, match="empty one names nobody"):
        forget("  ", "shop", settings)
    with pytest.raises(NotReadyError, match="has not taken in all"):
        preview("c1", "shop", settings)
    both = call("c1", "--dry-run", "--verify")
    assert both.exit_code == 1 and "not both" in both.output


def test_a_correction_that_names_the_person_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: trasos\n")
    (tmp_path / "seeds").mkdir()
    seed = tmp_path / "seeds/identity_corrections.csv"
    seed.write_text("visitor_id,customer_id,corrected_customer_id,reason\nv1,c1,c2,typo\n")
    monkeypatch.setenv("TRASOS_PROJECT", str(tmp_path))
    with pytest.raises(ConfigurationError, match="take those rows out first"):
        forget("c2", "shop", Settings(home=tmp_path))


def test_what_spark_keeps_is_not_said_to_be_forgotten(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.brought.parent.mkdir(parents=True)
    settings.brought.touch()
    for act in (forget, preview):
        with pytest.raises(ConfigurationError, match="Nobody was forgotten"):
            act("c000001", "shop", settings)
