"""Who was erased stays out, and lands as what erasure would have made of it."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.erasure.conftest import (
    ANNA,
    BERT,
    BROKEN,
    LINES,
    OWN,
    PERSON,
    SHARED,
    at,
    drop,
    drop_tables,
    erase_of,
    landing,
    manifests,
    rows,
    state,
)
from tests.victims import victims
from trasos.erasure import landed
from trasos.erasure.landed import Lines
from trasos.landing.ledger import only_lander
from trasos.landing.tombstones import ERASED, Tombstones
from trasos.settings import Settings


def test_late_lines_become_dead_letters_without_text(settings: Settings, inbox: Path) -> None:
    annas = drop(inbox)
    erase_of(settings)
    landing(settings)
    kept = [line for line, is_annas in LINES if not is_annas]
    assert Counter(row[:2] for row in rows(settings, "events")) == Counter(
        (line["anonymousId"], line["userId"]) for line in kept
    )
    letters = rows(settings, "dead_letters")
    erased = [row for row in letters if row[1] == ERASED]
    assert {row[0] for row in erased} == {
        number for number, (_, is_annas) in enumerate(LINES, 1) if is_annas
    }
    assert all(row[2] == "" for row in erased)
    raws = [row[2] for row in letters if row[1] != ERASED]
    assert raws == ["" if names else raw.decode() for raw, names in BROKEN]
    (manifest,) = manifests(settings)
    assert manifest["dead_letters_by_reason"][ERASED] == annas
    assert manifest["lines"] == manifest["events"] + manifest["dead_letters"] + manifest["blank"]


def test_an_id_that_is_a_number_is_known_too(settings: Settings, inbox: Path) -> None:
    lines = [(at(9, anonymousId="x", userId=77), True), (at(9, anonymousId=7, userId=770), False)]
    drop(inbox, lines=lines)
    erase_of(settings, type(PERSON)("shop", "77"))
    landing(settings)
    assert [row[:2] for row in rows(settings, "events")] == [("7", "770")]


def test_another_source_keeps_its_own_customer_of_that_id(settings: Settings, inbox: Path) -> None:
    drop(inbox)
    erase_of(settings, type(PERSON)("other", ANNA))
    landing(settings)
    assert len(rows(settings, "events")) == len(LINES)


def test_tables_lose_the_person_and_keep_the_money(settings: Settings, inbox: Path) -> None:
    drop_tables(inbox)
    erase_of(settings)
    landing(settings)
    assert rows(settings, "customers") == [(BERT, "AT")]
    assert [row[:2] for row in rows(settings, "orders")] == [
        ("o1", None),
        ("o2", BERT),
        ("o3", None),
        ("o4", None),
    ]
    assert str(sum(row[2] for row in rows(settings, "orders"))) == "35.76"
    assert rows(settings, "tickets") == [("t1", None, "late"), ("t2", BERT, "torn")]


def test_a_column_that_may_not_be_empty_is_emptied(settings: Settings, inbox: Path) -> None:
    schema = pa.schema([pa.field("customer_id", pa.string(), nullable=False)])
    table = pa.table([[ANNA, BERT]], schema=schema)
    pq.write_table(table, inbox / "tables" / "orders.parquet")
    erase_of(settings)
    landing(settings)
    assert rows(settings, "orders") == [(BERT,), (None,)]


def test_parquet_events_are_refused_by_their_columns(settings: Settings, inbox: Path) -> None:
    duckdb.execute(
        f"""
        copy (
            select * from (values
                (1, 77, 's1'), (2, 78, '{OWN}'), (3, 78, 's3'), (4, null, 's4')
            ) as t(id, user_id, session_id)
        ) to '{inbox}/events/day.parquet'
        """
    )
    erase_of(settings, type(PERSON)("shop", "77", frozenset({OWN})))
    landing(settings)
    path = f"{settings.landing}/shop/events/*/*/events.parquet"
    assert duckdb.execute(f"select id, user_id from '{path}' order by id").fetchall() == [
        (3, 78),
        (4, None),
    ]
    (manifest,) = manifests(settings)
    assert (manifest["lines"], manifest["events"]) == (4, 2)
    assert manifest["dead_letters_by_reason"] == {ERASED: 2}


def known_lines(settings: Settings) -> Lines:
    """What the warehouse would say of the lines."""
    (folder,) = landed.batches(settings.landing, "shop")
    return {folder.name: {number for number, (_, is_annas) in enumerate(LINES, 1) if is_annas}}


def erase(settings: Settings, stones: Tombstones) -> landed.Landed:
    with only_lander(settings.landing):
        lines = known_lines(settings)
        return landed.erase(
            settings.landing, PERSON, lines, stones.stones[0], stones, lambda what: None
        )


def test_erasing_leaves_what_landing_anew_would(settings: Settings, inbox: Path) -> None:
    """Landed and then erased, or erased and then landed: one state."""
    annas = drop(inbox)
    drop_tables(inbox)
    landing(settings)
    stones = erase_of(settings)
    foretold = landed.count(settings.landing, PERSON, known_lines(settings), stones)
    before = rows(settings, "orders")
    done = erase(settings, stones)
    assert done == foretold
    assert (done.events, done.tables) == (annas, {"customers": 1, "orders": 2, "tickets": 1})
    assert [row[0] for row in before] == [row[0] for row in rows(settings, "orders")]
    erased = state(settings)
    again = erase(settings, stones)
    assert (again.events, again.tables) == (0, {})
    assert state(settings) == erased

    for part in ("events", "tables"):
        shutil.rmtree(settings.landing / "shop" / part)
    landing(settings)
    assert state(settings) == erased


def test_a_row_that_names_her_and_nobody_else_goes(settings: Settings, inbox: Path) -> None:
    mentions = [
        (at(9, anonymousId="g1", userId=None, properties={"referred_by": ANNA}), True),
        (at(9, anonymousId="g2", userId=BERT, properties={"referred_by": ANNA}), False),
        (at(9, anonymousId="g3", userId=None, properties={"referred_by": BERT}), False),
    ]
    drop(inbox, lines=mentions)
    landing(settings)
    stones = erase_of(settings)
    with only_lander(settings.landing):
        landed.erase(settings.landing, PERSON, {}, stones.stones[0], stones, lambda what: None)
    assert [row[0] for row in rows(settings, "events")] == ["g2", "g3"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_between_files_is_made_good(
    settings: Settings, inbox: Path, tmp_path: Path, when: str
) -> None:
    drop(inbox)
    drop_tables(inbox)
    landing(settings)
    stones = erase_of(settings)
    fresh = tmp_path / "fresh"
    shutil.copytree(settings.landing, fresh)
    erase(settings, stones)
    undisturbed = state(settings)
    survived = []
    with victims(
        "import trasos.landing.burial as burial\n"
        "from pathlib import Path\n"
        "from trasos.settings import Settings\n"
        "from tests.erasure.conftest import KEY\n"
        "from tests.erasure.test_landing import erase\n"
        "from trasos.landing.tombstones import Graveyard\n",
        "(lambda home: erase(home, Graveyard(home.landing, KEY).of('shop')))"
        "(Settings(home=Path(arguments[0])))",
    ) as mother:
        # Dead letters, events, manifest, three tables: six files are put in their place.
        for count in range(1, 8):
            home = Settings(home=tmp_path / f"{when}{count}")
            shutil.copytree(fresh, home.landing)
            code = mother.kill("burial", "_replace", when, count, home.home)
            if code == 0:
                survived.append(count)
            erase(home, stones)
            assert state(home) == undisturbed, count
    assert survived == [7]


def test_a_device_of_hers_with_another_id_in_it_stays(settings: Settings, inbox: Path) -> None:
    lines = [(at(9, anonymousId=f"{OWN}-2", userId=None), False)]
    drop(inbox, lines=lines)
    landing(settings)
    stones = erase_of(settings)
    with only_lander(settings.landing):
        landed.erase(settings.landing, PERSON, {}, stones.stones[0], stones, lambda what: None)
    assert len(rows(settings, "events")) == 1
    assert SHARED not in {row[0] for row in rows(settings, "events")}
