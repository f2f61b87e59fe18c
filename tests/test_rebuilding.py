"""A window is computed again from raw: what is right stays, what is wrong is put right."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest

from tests.factories import NOON, make_event, make_identify, make_page
from tests.warehouse.replay import LAYERS, VIEWS, Replay
from trasos.errors import ConfigurationError, NotReadyError
from trasos.rebuilding import Change, rebuild
from trasos.settings import Settings

DAY = datetime(2026, 6, 2)
SELECTED = (*LAYERS, *VIEWS, "int_sessions_retired")


def at(minutes: int) -> dict[str, Any]:
    return {"at": NOON + timedelta(minutes=minutes)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """Three days of two visitors, with copies and a list, loaded in two."""
    replay = Replay(tmp_path_factory.mktemp("rebuild"))
    days = [
        [
            make_page(anonymousId="v", messageId=f"page{day}", **at(day * 1440)),
            make_identify("ann", anonymousId="v", messageId=f"login{day}", **at(day * 1440 + 5)),
            make_event("Product Viewed", anonymousId="w", messageId=f"view{day}", **at(day * 1440)),
            make_event(
                "Product List Viewed",
                anonymousId="w",
                messageId=f"list{day}",
                properties={"list_id": "home", "products": [{"product_id": "p00001"}]},
                **at(day * 1440 - 60),
            ),
        ]
        for day in range(3)
    ]
    ahead = make_page(anonymousId="v", messageId="ahead", **at(1440 + 600))
    ahead["receivedAt"] = ahead["sentAt"] = make_page(**at(0))["receivedAt"]
    ahead["originalTimestamp"] = make_page(**at(1440 + 600))["receivedAt"]
    replay.load([*days[0], *days[1], ahead])
    replay.build()
    replay.load([*days[2], days[1][0]])
    replay.build()
    return replay


def rebuilt(replay: Replay, **variables: Any) -> dict[str, Change]:
    with mock.patch.dict(os.environ, replay.home.environment):
        changes = rebuild(
            replay.home.settings,
            DAY,
            DAY + timedelta(days=1),
            variables or None,
            replay.project,
            (*SELECTED, "int_rebuilt_rows"),
        )
    return {change.table: change for change in changes}


@pytest.mark.slow
def test_what_is_right_stays_as_it_is(built: Replay) -> None:
    for change in rebuilt(built).values():
        assert (change.added, change.removed, change.changed) == (0, 0, 0)
        assert change.unchanged > 0


def test_what_was_damaged_is_put_right_and_the_watermark_stays(built: Replay) -> None:
    with duckdb.connect(str(built.home.warehouse)) as connection:
        connection.execute("delete from int_events_validated where event_id = 'view1'")
        connection.execute(
            "update int_events_validated set event_at = event_at + interval 2 day "
            "where event_id = 'page1'"
        )
        connection.execute("delete from int_impressions")
    built.load([make_page(anonymousId="v", messageId="new", **at(1440 + 10))])
    changes = rebuilt(built)
    judged = changes["int_events_judged"]
    assert (judged.added, judged.removed) == (1, 0)
    # What was right stays, and nothing of the next days is touched.
    assert judged.unchanged > 0 and changes["int_identities"].changed == 0
    assert built.home.one("select count(*) from int_events_validated where event_id = 'new'") == 0
    assert built.home.one("select count(*) from int_rebuilt_rows") == 0
    # Those of the day before as well, whose outcome may lie in the window; none of the day after.
    assert built.home.one("select count(*) from int_impressions") == 2
    built.build("--full-refresh")
    assert built.differences() == {}


@pytest.mark.slow
def test_a_changed_rule_judges_the_window_anew(built: Replay) -> None:
    """The event ahead of its receipt lies in the window; another rule takes it in."""
    reason = "select reject_reason from int_events_validated where event_id = 'ahead'"
    assert built.home.one(reason) == "time_in_future"
    changes = rebuilt(built, max_future_hours=72)
    assert changes["int_events_judged"].changed == 1
    assert built.home.one(reason) is None
    assert changes["int_sessions"].added == 1
    assert rebuilt(built)["int_sessions"].removed == 1
    assert built.differences() == {}


@pytest.mark.slow
def test_a_rebuild_that_was_cut_short_is_made_good_by_the_next_build(built: Replay) -> None:
    """Cut short when the raw rows were computed and nothing that follows them."""
    with duckdb.connect(str(built.home.warehouse)) as connection:
        connection.execute("delete from int_events_validated where event_id = 'login1'")
        connection.execute(
            "delete from int_visitor_slots where cast(first_event_at as date) = ?", [DAY.date()]
        )
    window = {"rebuild_from": str(DAY), "rebuild_to": str(DAY + timedelta(days=1))}
    built.build("--vars", str(window), "--exclude", "int_event_copies+")
    assert built.home.one("select count(*) from int_rebuilt_rows") > 0
    assert "int_visitor_slots" in built.differences()
    built.build()
    assert built.differences() == {}
    with duckdb.connect(str(built.home.warehouse)) as connection:
        connection.execute("delete from int_rebuilt_rows")


@pytest.mark.slow
def test_a_row_whose_file_is_gone_stays(built: Replay) -> None:
    batch = built.home.one("select batch_id from int_events_validated where event_id = 'view1'")
    (folder,) = built.home.settings.landing.glob(f"shop/events/*/{batch}")
    kept = built.home.path / "kept"
    shutil.move(folder, kept)
    changes = rebuilt(built)
    shutil.move(kept, folder)
    assert changes["int_events_judged"].removed == 0


def test_an_empty_window_and_a_missing_warehouse_are_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(ConfigurationError, match="not before"):
        rebuild(settings, DAY, DAY)
    with pytest.raises(NotReadyError, match="dbt build"):
        rebuild(settings, DAY, DAY + timedelta(days=1))
