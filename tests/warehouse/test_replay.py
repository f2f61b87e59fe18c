"""Any split into loads, any order, repetition and lateness gives the tables of one build."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import NOON, make_event, make_identify, make_page
from tests.warehouse.home import ROOT
from tests.warehouse.replay import Replay

LOADS = 4
#: Minutes around the borders of slots, sessions and days; the last is late by months.
MINUTES = (0, 1, 29, 30, 31, 59, 60, 61, 90, 91, 120, 690, 720, 750, 1439, 1440, 1470, -130_000)


class Seen(NamedTuple):
    """One row as it comes in: small numbers, so that ids, visitors and moments meet."""

    load: int
    event_id: int
    visitor: int
    minute: int
    kind: int
    delay: int


seen = st.builds(
    Seen,
    load=st.integers(0, LOADS - 1),
    event_id=st.integers(0, 9),
    visitor=st.integers(0, 1),
    minute=st.sampled_from(MINUTES),
    kind=st.integers(0, 6),
    delay=st.integers(0, 2),
)
#: Cases share a replay, since a build costs seconds and a row nothing; none knows of another.
cases = st.lists(st.lists(seen, min_size=1, max_size=12), min_size=1, max_size=25)


def event(case: int, row: Seen) -> dict[str, Any]:
    """The envelope of a row; ids and visitors belong to the case."""
    common: dict[str, Any] = {
        "messageId": f"{case}-{row.event_id}",
        "anonymousId": f"{case}-{row.visitor}",
        "at": NOON + timedelta(minutes=row.minute),
        "delay": timedelta(seconds=row.delay),
    }
    product = {"product_id": f"p{row.minute % 2}", "price": 1.0}
    makers: tuple[Callable[[], dict[str, Any]], ...] = (
        lambda: make_page(**common),
        lambda: make_identify("ann", **common),
        lambda: make_identify("bob", **common),
        lambda: make_event("Product Viewed", properties=product, **common),
        lambda: make_event("Product Added", properties=product, **common),
        lambda: make_event(
            "Product List Viewed",
            properties={
                "list_id": "home",
                "products": [{"product_id": "p0"}, {"product_id": "p1"}],
            },
            **common,
        ),
        # Rejected: it competes with no copy of its id.
        lambda: make_event(
            "Product Viewed", properties={"product_id": "p0", "price": -1}, **common
        ),
    )
    return makers[row.kind]()


def replayed(replay: Replay, drawn: list[list[Seen]]) -> dict[str, Any]:
    """Build after each load, then compare with one build."""
    replay.reset()
    for load in range(LOADS):
        lines = [
            event(number, row)
            for number, rows in enumerate(drawn)
            for row in rows
            if row.load == load
        ]
        replay.load(lines)
        replay.build()
    return replay.differences()


def check(replay: Replay, examples: int, *phases: Phase, derandomize: bool = True) -> None:
    """Let hypothesis look for loads that give other tables than one build."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=derandomize,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def equal(drawn: list[list[Seen]]) -> None:
        found = replayed(replay, drawn)
        assert not found, f"{drawn} gives other tables: {found}"

    equal()


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return Replay(tmp_path_factory.mktemp("replay"))


def test_loads_in_any_split_and_order_give_the_tables_of_one_build(replay: Replay) -> None:
    check(replay, 2, Phase.generate, Phase.shrink)


@pytest.mark.slow
def test_many_more_loads_give_the_tables_of_one_build(replay: Replay) -> None:
    check(replay, 25, Phase.generate, Phase.shrink, derandomize=False)


def test_an_id_that_a_late_event_took_away_leads_to_the_session_that_has_it_now(
    replay: Replay,
) -> None:
    replay.reset()
    early, first, bridge, second = (
        make_page(messageId=name, anonymousId="v", at=NOON + timedelta(minutes=minute))
        for name, minute in (("early", -20), ("first", 0), ("bridge", 25), ("second", 50))
    )
    replay.load([first, second])
    replay.build()
    known = replay.home.query("select session_id from int_sessions order by started_at")
    assert len(known) == 2
    replay.load([early])
    replay.build()
    replay.load([bridge])
    replay.build()
    ((now,),) = replay.home.query("select session_id from int_sessions")
    old = replay.home.query("select superseded_session_id, session_id from int_sessions_superseded")
    assert sorted(old) == sorted((name, now) for (name,) in known)


FAULTS = {
    "the watermark is on event time": (
        "models/intermediate/int_events_validated.sql",
        "where raw.loaded_at > {{ newest_load(this) }}",
        "where raw.event_at > (select max(event_at) from {{ this }})",
    ),
    "the look back is cut short": (
        "macros/touched_sessions.sql",
        "select -1 as shift union all select 0 as shift union all select 1 as shift",
        "select 0 as shift",
    ),
    "the id holds the number of the session": (
        "models/intermediate/int_session_slots.sql",
        "md5(visitor_id || '|' || first_event_id)",
        "md5(visitor_id || '|' || row_number() over (partition by visitor_id order by slot))",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, tmp_path: Path) -> None:
    """A test of the test above."""
    project = tmp_path / "project"
    for part in ("models", "python_models", "macros", "seeds"):
        shutil.copytree(ROOT / part, project / part)
    for part in ("dbt_project.yml", "vars.yml", "profiles.yml"):
        shutil.copyfile(ROOT / part, project / part)
    (project / "tests/dbt").mkdir(parents=True)
    shutil.copytree(ROOT / "tests/dbt/generic", project / "tests/dbt/generic")
    file, right, wrong = FAULTS[fault]
    text = (project / file).read_text()
    assert text.count(right) == 1
    (project / file).write_text(text.replace(right, wrong))
    with pytest.raises(AssertionError, match="gives other tables"):
        check(Replay(tmp_path / "home", project), 4, Phase.generate)
