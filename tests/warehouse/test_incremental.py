"""Incremental, killed and repeated builds give the tables of one undisturbed build."""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.factories import make_page
from tests.warehouse.home import Home, fingerprints

EVENT_LAYERS = (
    *("build", "--exclude-resource-types", "unit_test", "test"),
    *("--select", "+fct_sessions", "+fct_orders", "+fct_impressions", "+ftr_interactions"),
    *("+fct_funnel_daily", "+fct_traffic_daily", "+rpt_event_conservation"),
)
TABLES = (
    "int_events_validated",
    "int_event_copies",
    "int_events_judged",
    "int_visitor_slots",
    "int_session_slots",
    "int_sessions",
    "int_slot_customers",
    "int_identities",
    "int_events_sessionized",
    "int_impressions",
    "fct_sessions",
    "fct_orders",
    "fct_impressions",
    "fct_funnel_daily",
    "fct_traffic_daily",
    "ftr_interactions",
    "rpt_event_conservation",
)


def copied(inbox: Path, home: Home, files: list[Path]) -> None:
    for file in files:
        target = home.settings.inbox / "shop" / file.relative_to(inbox)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


@pytest.fixture(scope="module")
def grown(inbox_of_a_shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A shop whose files came in three loads, shuffled over time, with a build after each."""
    home = Home(tmp_path_factory.mktemp("grown"))
    inbox = inbox_of_a_shop.settings.inbox / "shop"
    events = sorted((inbox / "events").rglob("*.jsonl.gz"))
    random.Random(4).shuffle(events)
    third = len(events) // 3
    copied(inbox, home, sorted((inbox / "tables").glob("*.parquet")))
    for load in (events[:third], events[third : 2 * third], events[2 * third :]):
        copied(inbox, home, load)
        home.land()
        home.dbt(*EVENT_LAYERS, "--log-level-file", "debug")
    return home


def rebuilt(home: Home, folder: Path) -> Home:
    """The same landing, built at once."""
    other = Home(folder)
    shutil.copytree(home.settings.landing, other.settings.landing)
    other.dbt(*EVENT_LAYERS)
    return other


def test_loads_in_any_order_equal_one_build(grown: Home, tmp_path: Path) -> None:
    once = rebuilt(grown, tmp_path)
    assert fingerprints(grown, TABLES) == fingerprints(once, TABLES)
    assert grown.one("select count(distinct loaded_at) from int_events_judged") > 3


def test_an_increment_that_only_appends_is_written_once(grown: Home) -> None:
    """Straight into the table; only what reads its own table is put aside first."""
    sent = (grown.path / "logs/dbt.log").read_text()
    kept_aside = set(re.findall(r'create temporary\s+table\s+"(\w+)__dbt_tmp', sent))
    straight = set(re.findall(r"create temporary view (\w+)__dbt_tmp", sent))
    assert {"int_events_validated", "int_visitor_slots", "fct_traffic_daily"} <= straight
    assert {"int_event_copies", "int_session_slots", "int_sessions"} <= kept_aside
    assert not kept_aside & straight


def test_an_earlier_copy_that_comes_later_takes_the_place_of_the_accepted_one(
    grown: Home,
) -> None:
    """Without such copies the test above would not show what it is there for."""
    flips = grown.one(
        """
        select count(*)
        from int_events_judged as duplicate
        inner join int_events_judged as accepted using (source, event_id)
        where duplicate.verdict = 'duplicated' and accepted.verdict = 'accepted'
            and accepted.loaded_at > duplicate.loaded_at
        """
    )
    assert flips > 0


def test_a_visitor_who_loses_the_only_event_loses_the_session(tmp_path: Path) -> None:
    """The copy that was received first names another visitor and comes in with a later load."""
    home = Home(tmp_path)
    write_event(home, "a.jsonl", visitor="late", received="2026-01-01T10:00:05Z")
    write_tables(home)
    home.land()
    home.dbt(*EVENT_LAYERS)
    assert home.query("select visitor_id from int_sessions") == [("late",)]
    write_event(home, "b.jsonl", visitor="early", received="2026-01-01T10:00:01Z")
    home.land()
    home.dbt(*EVENT_LAYERS)
    assert home.query("select visitor_id from int_sessions") == [("early",)]


def write_event(home: Home, name: str, visitor: str, received: str) -> None:
    file = home.settings.inbox / "shop/events" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    event = make_page(messageId="m1", anonymousId=visitor, receivedAt=received)
    event["originalTimestamp"] = event["sentAt"] = "2026-01-01T10:00:00Z"
    file.write_text(json.dumps(event) + "\n")


def write_tables(home: Home) -> None:
    """Every table that the source declares, without a row."""
    from trasos.simulator import SimulationConfig, simulate

    other = Home(home.path / "elsewhere")
    simulate(
        SimulationConfig(people=1, days=1, products=30, images=False),
        other.settings.inbox / "shop",
        other.settings.truth / "shop",
    )
    shutil.copytree(other.settings.inbox / "shop/tables", home.settings.inbox / "shop/tables")


def test_a_second_build_changes_nothing(grown: Home) -> None:
    before = fingerprints(grown, TABLES)
    grown.dbt(*EVENT_LAYERS)
    assert fingerprints(grown, TABLES) == before


@pytest.mark.slow
def test_killed_increments_are_made_good_by_the_next(
    inbox_of_a_shop: Home, grown: Home, tmp_path: Path
) -> None:
    """Killed at twenty moments, with new files before each; the last run is left in peace."""
    home = Home(tmp_path)
    inbox = inbox_of_a_shop.settings.inbox / "shop"
    chance = random.Random(20)
    events = sorted((inbox / "events").rglob("*.jsonl.gz"))
    chance.shuffle(events)
    copied(inbox, home, sorted((inbox / "tables").glob("*.parquet")))
    copied(inbox, home, events[:10])
    home.land()
    home.dbt(*EVENT_LAYERS)
    rest = events[10:]
    for number in range(20):
        copied(inbox, home, rest[number::20])
        home.land()
        kill_at(home, model=chance.randint(12, 38), delay=chance.uniform(0, 0.4))
    home.dbt(*EVENT_LAYERS)
    once = rebuilt(home, tmp_path / "once")
    assert fingerprints(home, TABLES) == fingerprints(once, TABLES)
    assert home.one("select count(*) from int_events_accepted") == grown.one(
        "select count(*) from int_events_accepted"
    )


def kill_at(home: Home, model: int, delay: float) -> None:
    """Kill a build some seconds after it says that it begins its model of this number."""
    process = subprocess.Popen(
        **home.dbt_process(*EVENT_LAYERS),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    begun = (line for line in process.stdout if " START " in line)
    assert any(f" {model} of " in line for line in begun), f"there is no model {model}"
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the build was over before it could be killed"
    process.stdout.close()
