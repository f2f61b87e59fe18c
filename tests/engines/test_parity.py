"""DuckDB and Spark give the same tables: at once, with skew, and after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.factories import NOON, make_event, make_page
from tests.warehouse.home import ROOT
from tests.warehouse.part import link_part
from tests.warehouse.replay import SELECTED
from trasos.engines.parity import Compared, ParityError, Shop
from trasos.landing import land
from trasos.settings import Settings
from trasos.simulator import SimulationConfig, simulate

pytestmark = pytest.mark.usefixtures("hasty_java")

#: No tests of dbt's own: they have tests of theirs, and the comparison sees what they would.
QUICKLY = ("--exclude-resource-types", "test", "unit_test")
SESSIONS = ("--select", "+int_sessions", *QUICKLY)
EVENTS = (
    *("--select", "+int_sessions", "+fct_traffic_daily", "int_events_duplicated"),
    *("int_events_rejected", *QUICKLY),
)


def both(shop: Shop, *arguments: str) -> list[Compared]:
    seconds = {engine: shop.build(engine, *arguments) for engine in ("duckdb", "spark")}
    assert set(seconds["duckdb"]) == set(seconds["spark"])
    return shop.compare(seconds)


def differing(compared: list[Compared]) -> dict[str, int]:
    return {
        each.table: each.difference.differing for each in compared if not each.difference.is_equal
    }


def rows(compared: list[Compared], table: str) -> int:
    return next(each.difference.rows[1] for each in compared if each.table == table)


def at(number: int) -> datetime:
    """Moments that come back every few days, so that late events touch early sessions."""
    return NOON + timedelta(minutes=17 * (number % 90), days=number % 5)


EARLY = [make_event(messageId=f"a{n}", anonymousId=f"v{n % 7}", at=at(n)) for n in range(200)]
LATE = [make_event(messageId=f"b{n}", anonymousId=f"v{n % 9}", at=at(n + 3)) for n in range(150)]


def test_events_give_the_same_tables(tmp_path: Path) -> None:
    """Copies and a reject among them, built at once: the one comparison that is quick enough."""
    landed(tmp_path, "early", EARLY)
    landed(tmp_path, "late", [*LATE, *EARLY[:20], make_event(messageId="c", anonymousId="")])
    models = (*SELECTED, "int_events_duplicated", "int_events_rejected")
    project = link_part(tmp_path / "project", models)
    compared = both(Shop(tmp_path, project=project), *EVENTS)
    assert differing(compared) == {}
    assert rows(compared, "int_events_validated") == 371
    assert rows(compared, "int_events_duplicated") == 20
    assert rows(compared, "int_events_rejected") == 1
    assert rows(compared, "fct_traffic_daily") > 4


@pytest.mark.slow
def test_a_small_shop_gives_the_same_tables(tmp_path: Path) -> None:
    simulate(
        SimulationConfig(people=40, days=8, products=60, images=False),
        tmp_path / "inbox/shop",
        tmp_path / "truth",
    )
    land("shop", Settings(home=tmp_path))
    compared = both(Shop(tmp_path, project=ROOT), *QUICKLY)
    assert differing(compared) == {}
    assert len(compared) > 45
    for table in ("int_sessions", "int_impressions", "fct_orders", "ftr_interactions"):
        assert rows(compared, table) > 0


def landed(home: Path, name: str, events: Sequence[Mapping[str, Any]]) -> None:
    file = home / f"inbox/shop/events/{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in events))
    land("shop", Settings(home=home))


@pytest.mark.slow
def test_ties_that_one_engine_breaks_otherwise_are_found(tmp_path: Path) -> None:
    """A test of the comparison: the order of equal moments is turned on Spark alone."""
    project = tmp_path / "project"
    for part in ("models", "python_models", "macros", "seeds", "tests/dbt"):
        shutil.copytree(ROOT / part, project / part)
    for part in ("dbt_project.yml", "vars.yml", "profiles.yml"):
        shutil.copyfile(ROOT / part, project / part)
    order = project / "macros/event_order.sql"
    right = "{{ event_id }}"
    text = order.read_text()
    assert text.count(right) == 1
    wrong = (
        "{% if target.type == 'spark' %}reverse({{ event_id }}){% else %}{{ event_id }}{% endif %}"
    )
    order.write_text(text.replace(right, wrong))
    landed(
        tmp_path,
        "all",
        [
            make_page(messageId="a9", anonymousId="v1", context={"page": {"path": "/first"}}),
            make_page(messageId="b1", anonymousId="v1", context={"page": {"path": "/second"}}),
        ],
    )
    found = differing(both(Shop(tmp_path, project=project), *SESSIONS))
    assert found == {"int_visitor_slots": 2, "int_session_slots": 2, "int_sessions": 2}


@pytest.mark.slow
def test_a_visitor_with_a_tenth_of_all_events_builds_on_both(tmp_path: Path) -> None:
    landed(
        tmp_path,
        "all",
        [
            make_event(
                messageId=f"m{number}",
                anonymousId="heavy" if number % 10 == 0 else f"v{number % 1500}",
                at=NOON + timedelta(seconds=7 * number),
            )
            for number in range(30_000)
        ],
    )
    compared = both(Shop(tmp_path, project=ROOT), "--select", "+fct_traffic_daily", *QUICKLY)
    assert differing(compared) == {}
    assert rows(compared, "int_events_accepted") == 30_000


@pytest.mark.slow
def test_killed_increments_on_spark_lose_nothing(tmp_path: Path) -> None:
    """kill -9 of dbt and its JVM while the second load is built, then once more undisturbed."""
    shop = Shop(tmp_path, project=ROOT)
    landed(tmp_path, "early", EARLY)
    both(shop, *SESSIONS)
    landed(tmp_path, "late", LATE)
    program = (
        "import sys; from pathlib import Path; from trasos.engines.parity import Shop; "
        f"Shop(Path({str(tmp_path)!r}), project=Path({str(ROOT)!r}))"
        f".build('spark', *{SESSIONS!r})"
    )
    log = tmp_path / "logs/spark/dbt.log"
    for models in (4, 8, 12):
        known = begun(log)
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while begun(log) < known + models:
            assert process.poll() is None, "the build ended before it was killed"
            time.sleep(0.05)
        # Within the model, not at its very beginning.
        time.sleep(0.4)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
    assert differing(both(shop, *SESSIONS)) == {}


def begun(log: Path) -> int:
    """How many models and seeds dbt has said that it begins with."""
    return log.read_text().count(" START ")


@pytest.mark.slow
def test_days_are_not_looked_for_among_months(tmp_path: Path) -> None:
    """Parts of another length would stay beside the new ones, and their rows be there twice."""
    validated = ("--select", "+int_events_validated", *QUICKLY)
    landed(tmp_path, "early", EARLY)
    Shop(tmp_path, project=ROOT, period="month").build("spark", *validated)
    with pytest.raises(ParityError, match=r"parts such as [0-9]{4}-[0-9]{2}, .* now says 'day'"):
        Shop(tmp_path, project=ROOT).build("spark", *validated)
