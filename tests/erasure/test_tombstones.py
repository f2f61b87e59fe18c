"""Tombstones: hashes alone on the disk, and no way to lose them in silence."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import datetime

import pytest

from tests.erasure.conftest import ANNA, BERT, FROM, KEY, OWN, PERSON, SHARED, erase_of
from trasos.errors import ConfigurationError, InputError
from trasos.landing.moments import happened_at
from trasos.landing.pseudonyms import Pseudonyms
from trasos.landing.tombstones import Graveyard
from trasos.settings import Settings

NO_KEY = Pseudonyms(None)
TEN = datetime(2026, 6, 1, 10)


def never() -> datetime | None:
    raise AssertionError("the time is asked for shared devices alone")


@pytest.mark.parametrize("pseudonyms", [KEY, NO_KEY])
def test_it_knows_again_and_holds_no_id(settings: Settings, pseudonyms: Pseudonyms) -> None:
    graves = Graveyard(settings.landing, pseudonyms)
    graves.write(PERSON.tombstone(graves.key_of(None)))
    stones = Graveyard(settings.landing, pseudonyms).of("shop")
    assert stones.customer(ANNA) and not stones.customer(BERT)
    assert stones.device(OWN) and not stones.device(SHARED) and not stones.device(ANNA)
    assert stones.covers(ANNA, None, never) and stones.covers(None, OWN, never)
    assert not stones.covers(None, None, never) and not stones.covers(BERT, SHARED, never)
    assert stones.covers(None, SHARED, lambda: FROM)
    assert not stones.covers(None, SHARED, lambda: None)
    for path in settings.landing.rglob("*"):
        if path.is_file():
            assert not any(one in path.read_text() for one in (ANNA, OWN, SHARED))


def test_without_a_key_one_is_made_once_and_for_the_owner_alone(settings: Settings) -> None:
    graves = Graveyard(settings.landing, NO_KEY)
    assert not graves.has_key
    made = graves.key_of(None)
    file = graves.folder / "key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Graveyard(settings.landing, NO_KEY).key_of(None) == made


def test_another_key_is_refused(settings: Settings) -> None:
    erase_of(settings)
    with pytest.raises(ConfigurationError, match="another TRASOS_PSEUDONYM_KEY"):
        Graveyard(settings.landing, Pseudonyms(b"quite another key")).of("shop")
    with pytest.raises(ConfigurationError, match="another TRASOS_PSEUDONYM_KEY"):
        Graveyard(settings.landing, NO_KEY).find("shop", ANNA)
    # A source without tombstones does not need the key.
    assert not Graveyard(settings.landing, NO_KEY).of("other")


def test_a_key_that_comes_later_leaves_older_tombstones_standing(settings: Settings) -> None:
    graves = Graveyard(settings.landing, NO_KEY)
    graves.write(PERSON.tombstone(graves.key_of(None)))
    later = Graveyard(settings.landing, KEY)
    assert later.of("shop").customer(ANNA)
    assert later.find("shop", ANNA) is not None


def test_a_damaged_tombstone_is_told(settings: Settings) -> None:
    erase_of(settings)
    (file,) = Graveyard(settings.landing, KEY).folder.glob("*.json")
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(InputError, match="would come back"):
        Graveyard(settings.landing, KEY).of("shop")


def test_what_is_found_later_is_added(settings: Settings) -> None:
    stones = erase_of(settings)
    graves = Graveyard(settings.landing, KEY)
    (first,) = stones.stones
    more = type(PERSON)("shop", ANNA, frozenset({"laptop"})).tombstone(graves.key_of(first))
    graves.write(first.joined(more))
    joined = Graveyard(settings.landing, KEY).of("shop")
    assert len(joined.stones) == 1
    assert joined.device(OWN) and joined.device("laptop") and joined.spans(SHARED)
    # What was done stays done until something new is known.
    done = replace(first, done=True)
    nothing_new = type(PERSON)("shop", ANNA).tombstone(graves.key_of(first))
    assert done.joined(nothing_new).done and not done.joined(more).done


@pytest.mark.parametrize(
    ("original", "sent", "received", "expected"),
    [
        ("2026-06-01T10:00:00Z", None, None, TEN),
        # An hour ahead: the device says eleven when it is ten.
        ("2026-06-01T11:00:00Z", "2026-06-01T11:00:05Z", "2026-06-01T10:00:05Z", TEN),
        ("2026-06-01T12:00:00+02:00", None, "2026-06-01T10:00:05Z", TEN),
        ("no time", None, None, None),
        (b"17", None, None, None),
        ("9999-12-31T23:59:59-12:00", None, None, None),
        ("0001-01-02T00:00:00Z", "9998-01-01T00:00:00Z", "0001-01-02T00:00:00Z", None),
    ],
)  # fmt: skip
def test_the_time_of_an_event(
    original: object, sent: object, received: object, expected: datetime | None
) -> None:
    assert happened_at(original, sent, received) == expected
