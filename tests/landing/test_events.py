from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trasos.landing import events, land
from trasos.landing.events import DeadLine, parse
from trasos.landing.personal import Scrubber
from trasos.landing.pseudonyms import IN_TRAITS, Pseudonyms
from trasos.landing.schema import DEAD_LETTERS, EVENTS
from trasos.settings import Settings

from .conftest import event, json_lines, landed

COLUMNS = EVENTS.names

# Names of harmless fields; hypothesis takes names out of the code as well, personal ones too.
names = st.text().filter(lambda name: IN_TRAITS.verdict(name) is None)
# JSON that both ends of the parser give back unchanged: integers within 64 bits.
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "messageId", "type", "event", "anonymousId", "userId", "originalTimestamp", "sentAt",
    "receivedAt", "properties", "context", "traits",
]  # fmt: skip


def row(line: bytes) -> dict[str, Any]:
    return dict(zip(COLUMNS, parse(line, scrubber())[0], strict=False))


def scrubber() -> Scrubber:
    return Scrubber(Pseudonyms(b"a key that only tests know"))


def traits_of(record: dict[str, Any]) -> list[Any]:
    """The traits in a record; as mere text they could hold anything, and are dropped."""
    context = record.get("context")
    inner = context.get("traits") if isinstance(context, dict) else None
    return [record.get("traits"), inner]


def test_a_sound_event_becomes_its_columns(
    settings: Settings, drop: Callable[[str, bytes], Path]
) -> None:
    context = {"page": {"path": "/p/p1"}, "campaign": {"name": "spring"}}
    line = json_lines(event(7, userId="c1", context=context, integrations={"All": True}))
    drop("events/day.jsonl", b"\n" + line)
    land("shop", settings)
    (found,) = landed(settings)
    assert orjson.loads(found.pop("properties")) == {"product_id": "p1", "price": 19.9}
    assert orjson.loads(found.pop("context")) == context
    assert orjson.loads(found.pop("extra")) == {"integrations": {"All": True}}
    assert found.pop("_loaded_at").tzinfo is None
    assert len(found.pop("_batch_id")) == 16
    del found["load_date"]
    assert found == {
        "message_id": "m7",
        "type": "track",
        "event": "Product Viewed",
        "anonymous_id": "a1",
        "user_id": "c1",
        "original_timestamp": "2025-01-01T10:00:00.000Z",
        "sent_at": "2025-01-01T10:00:00.500Z",
        "received_at": "2025-01-01T10:00:01.000Z",
        "traits": None,
        "_source_file": "events/day.jsonl",
        "_line_number": 2,
        "_content_hash": hashlib.md5(line.strip()).hexdigest(),
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [(17, "17"), (True, "true"), (1.5, "1.5"), ({"a": [1]}, '{"a":[1]}'), ("", ""), (None, None)],
)
def test_a_value_of_another_type_keeps_its_json_text(value: Any, text: str | None) -> None:
    found = row(orjson.dumps(event(messageId=value)))["message_id"]
    assert (found.decode() if isinstance(found, bytes) else found) == text


@given(st.dictionaries(st.sampled_from(KEYS) | names, json_values, max_size=8))
def test_nothing_harmless_of_a_line_is_lost(record: dict[str, Any]) -> None:
    assume(not any(isinstance(holder, str) for holder in traits_of(record)))
    found = row(orjson.dumps(record))
    extra = orjson.loads(found["extra"] or b"{}")
    assert extra == {key: value for key, value in record.items() if key not in KEYS}
    for key, column in zip(KEYS, COLUMNS, strict=False):
        value, kept = record.get(key), found[column]
        is_json = column in ("properties", "context", "traits") or not isinstance(value, str)
        assert (orjson.loads(kept) if is_json and kept is not None else kept) == value


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"messageId": "\xff\xfe"}', "invalid UTF-8"),
        (b"\x00\x01\x02", "invalid JSON: "),
        (b'{"messageId": "m1"', "invalid JSON: "),
        (b'{"price": NaN}', "invalid JSON: "),
        (b'{"price": 1e999}', "invalid JSON: "),
        (b'{"name": "\\ud800"}', "invalid JSON: "),
        (b"[" * 2000 + b"]" * 2000, "invalid JSON: "),
        (b'{"properties": ' + b"[" * 500 + b"]" * 500 + b"}", "invalid JSON: recursion limit"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"null", "not a JSON object"),
    ],
)
def test_a_line_that_is_no_event_is_a_dead_letter(line: bytes, reason: str) -> None:
    with pytest.raises(DeadLine) as verdict:
        parse(line, scrubber())
    assert str(verdict.value).startswith(reason)
    assert "column" not in str(verdict.value)  # places would make every reason its own group


def test_dead_letters_say_file_line_and_reason(
    settings: Settings, drop: Callable[[str, bytes], Path]
) -> None:
    content = json_lines(event(1)) + b"\n{broken \xff\n[]\n" + b"[" + b"9" * 9000 + b"\n"
    drop("events/bad.jsonl", content)
    report = land("shop", settings)
    letters = landed(settings, what="dead_letters")
    assert [letter["line_number"] for letter in letters] == [3, 4, 5]
    assert {letter["source_file"] for letter in letters} == {"events/bad.jsonl"}
    assert letters[0]["reason"] == "invalid UTF-8"
    assert letters[0]["raw"] == "{broken \ufffd"
    assert letters[1]["reason"] == "not a JSON object"
    assert len(letters[2]["raw"]) == 4096
    assert (report.lines, report.events, report.blank) == (5, 1, 1)
    assert report.dead_letters.total() == 3


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(
    settings: Settings, drop: Callable[[str, bytes], Path]
) -> None:
    plain = json_lines(event(1), event(2))
    drop("events/windows.jsonl", b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"))
    drop("events/plain.jsonl", plain)
    report = land("shop", settings)
    assert (report.events, report.dead_letters.total(), report.blank) == (4, 0, 0)
    hashes = [found["_content_hash"] for found in landed(settings)]
    assert hashes[:2] == hashes[2:]


def test_a_line_above_ten_megabytes_is_dead_and_the_next_one_lives(
    settings: Settings, drop: Callable[[str, bytes], Path]
) -> None:
    huge = json_lines(event(1, properties={"text": "x" * (10 * 1024 * 1024)}))
    drop("events/huge.jsonl", huge + json_lines(event(2)))
    report = land("shop", settings)
    assert report.dead_letters == {"line too long": 1}
    assert [found["message_id"] for found in landed(settings)] == ["m2"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"rubbish\n", b"\xef\xbb\xbf"])
def test_a_file_without_events_still_has_the_schema(
    settings: Settings, drop: Callable[[str, bytes], Path], content: bytes
) -> None:
    drop("events/none.jsonl", content)
    report = land("shop", settings)
    folder = report.batches[0].folder
    assert pq.read_schema(folder / "events.parquet").equals(EVENTS)
    assert pq.read_schema(folder / "dead_letters.parquet").equals(DEAD_LETTERS)
    assert landed(settings) == []


def test_chunks_and_row_groups_change_nothing(
    settings: Settings, drop: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"".join(
        json_lines(event(n)) if n % 3 else f"dead {n}\n".encode() for n in range(1, 301)
    )
    drop("events/a.jsonl", content)
    land("shop", settings)
    whole, letters = landed(settings), landed(settings, what="dead_letters")
    monkeypatch.setattr(events, "CHUNK_ROWS", 7)
    monkeypatch.setattr(events, "GROUP_ROWS", 20)
    other = Settings(home=settings.home.with_name("other"))
    report = land("shop", other, inbox=settings.inbox / "shop")
    for kept in (
        whole,
        letters,
        again := landed(other),
        dead := landed(other, "shop", "dead_letters"),
    ):
        for found in kept:
            del found["_loaded_at"], found["load_date"]
    assert again == whole
    assert dead == letters
    assert pq.ParquetFile(report.batches[0].folder / "events.parquet").num_row_groups > 5


lines_of_all_kinds = st.lists(
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b""))
    | st.sampled_from([b"", b"  ", b"\r", b"{}", b"[]", b"{", b"\xff", b"\xef\xbb\xbf"])
    | st.builds(lambda n: json_lines(event(n)).strip(), st.integers(0, 5)),
    max_size=25,
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(lines_of_all_kinds, st.booleans())
def test_every_line_ends_in_exactly_one_place(
    tmp_path_factory: pytest.TempPathFactory, content: list[bytes], ended: bool
) -> None:
    home = Settings(home=tmp_path_factory.mktemp("home"))
    inbox = home.inbox / "shop" / "events"
    inbox.mkdir(parents=True)
    text = b"\n".join(content) + (b"\n" if ended and content else b"")
    (inbox / "any.jsonl").write_bytes(text)
    report = land("shop", home)
    bare = text.removeprefix(b"\xef\xbb\xbf")
    assert report.lines == bare.count(b"\n") + (not bare.endswith(b"\n") and bare != b"")
    assert report.events + report.dead_letters.total() + report.blank == report.lines
    numbers = [found["_line_number"] for found in landed(home)]
    numbers += [letter["line_number"] for letter in landed(home, what="dead_letters")]
    assert len(numbers) == len(set(numbers)) == report.lines - report.blank
