"""Makes an inbox of hostile event files, the same for the same seed, and says what is in it."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.factories import make_event
from trasos.landing.reading import MAX_LINE


@dataclass(frozen=True)
class Raw:
    """JSON text that no JSON library of today would write."""

    text: str


@dataclass(frozen=True)
class Told:
    """What a file of lines holds: events and dead letters; the rest is blank."""

    events: int
    dead: int
    blank: int


def as_json(value: Any) -> str:
    """Write JSON, with what is ``Raw`` as it stands; pairs in a list of tuples may repeat a key."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict) and value:
        value = list(value.items())
    if isinstance(value, list) and value and all(isinstance(item, tuple) for item in value):
        return "{" + ",".join(f"{json.dumps(key)}:{as_json(inner)}" for key, inner in value) + "}"
    return json.dumps(value)


def nested(depth: int) -> Raw:
    return Raw('{"a":' * depth + "1" + "}" * depth)


NAMES = ("Product Viewed", "Product Added", "Product List Viewed", "Order Completed", "Never Heard")
PROPERTIES = ("price", "quantity", "position", "product_id", "order_id", "products", "list_id")
BESIDE = ("traits", "extra", "_line_number", "")
#: Values that parse, in any place: landing must carry them and rules must judge them.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 17, 1.5, "", " ", "\t", "0", "-0", "1e3", "NaN", "null", "true"),
    *("1_000", "1,50", "0x10", "٣", "\x00", "a\x00b", "\u202eabc", "😀" * 50),
    *(
        "'; drop table x; --",
        "x" * 5_000,
        "{",
        '{"a":1}',
        "[1]",
        "%",
        "_",
        "\\",
        '"',
        "2026-06-01",
        "1e999",
        "-inf",
    ),
    *([], {}, [None], [[]], {"": ""}, {"a": {"b": [1, "2", None]}}, ["a"] * 300),
    *(Raw("-0.0"), Raw("1e3"), Raw("1E+2"), Raw("1e-400"), Raw("1e300"), Raw("123456789" * 5)),
    *(Raw("-" + "9" * 400 + "e-390"), Raw("0.1" + "0" * 300 + "1"), Raw('"\\u0000"'), nested(150)),
    *(Raw('"\\ud83d\\ude00"'), Raw("18446744073709551615"), Raw("-9223372036854775809")),
    [("a", 1), ("a", 2)],
)
#: What a list may say that it showed.
SHOWN: list[Any] = [
    *({"product_id": f"p{n}", "position": n} for n in range(3)),
    *({"product_id": "p00001", "position": odd} for odd in ("x", "1e9", -1, 1.5, None, [1])),
    *({"product_id": odd} for odd in (None, {}, [], 7, "", True)),
    *(5, "p00001", None, [], {}, [{"product_id": "p00001"}]),
]
TIMES: tuple[Any, ...] = (
    *("2026-06-01T12:00:00Z", "2026-06-01T12:00:00.5+02:00", "2026-06-01 12:00:00", "2026-06-01"),
    *(1780315200, 1780315200123, "1780315200", "01/06/2026 12:00", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "infinity", "epoch"),
    *("-infinity", "now", "2000-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "290000-01-01 00:00:00"),
)
#: Lines that cannot become an event.
DEAD: tuple[bytes, ...] = (
    *(b"{", b"}", b"nonsense", b"[]", b"[{}]", b'"text"', b"1", b"null", b"true", b"\x00\x01\x02"),
    *(b'{"a":NaN}', b'{"a":1e999}', b'{"a":-Infinity}', b'{"a":"\\ud800"}', b'{"a":"\\udc00x"}'),
    *(b'{"a":01}', b'{"a":1,}', b"{'a':1}", b'{"a":"\x00"}', b'{"a" 1}', b'{"a":"\\x"}', b"{}{}"),
    *(b'{"a":"caf\xe9"}', b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b'{"a":1} more'),
    *(b"[" * 3_000, b"[" * 3_000 + b"]" * 3_000, b'{"a":' * 400 + b"1" + b"}" * 400, b"\x1f\x8b"),
    *('{"event":"Produkt für alle"}'.encode("latin-1"), '{"event":"x"}'.encode("utf-16-be")),
)
BLANK: tuple[bytes, ...] = (b"", b" ", b"\t \t", b"\r", b"\x0b", b"\x0c")


class Maker:
    """Hostile lines from one random generator."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def event(self) -> bytes:
        """An event of which up to four things are not what they should be; it always parses."""
        pick = self.random
        # Few ids, so that copies come; many visitors, or a bot would be seen in them.
        message = make_event(
            pick.choice(NAMES),
            messageId=f"f{pick.randrange(4_000)}",
            anonymousId=f"v{pick.randrange(400)}",
        )
        properties, context = message["properties"], message["context"]
        if message["event"] == "Product List Viewed":
            properties["products"] = pick.sample(SHOWN, pick.randrange(len(SHOWN)))
        for _ in range(pick.randrange(5)):
            place = pick.randrange(4)
            if place == 0:
                message[pick.choice([*message, *BESIDE])] = self.value()
            elif place == 1:
                properties[pick.choice(PROPERTIES)] = self.value()
            elif place == 2:
                context[pick.choice([*context, "campaign", "traits"])] = self.value()
            else:
                key = pick.choice(["originalTimestamp", "sentAt", "receivedAt"])
                message[key] = pick.choice(TIMES)
        pairs = list(message.items())
        if pick.random() < 0.1:
            pairs.append(("messageId", f"f{pick.randrange(4_000)}"))
        return as_json(pairs).encode()

    def value(self) -> Any:
        return self.random.choice(VALUES)

    def noise(self) -> bytes:
        """Random bytes of one line that begin as no JSON text can."""
        size = self.random.randrange(200)
        return b"\xfe" + self.random.randbytes(size).replace(b"\n", b"\xff")

    def lines(self, count: int) -> tuple[list[bytes], Told]:
        made: list[bytes] = []
        kinds = self.random.choices(["event", "dead", "noise", "blank"], (12, 3, 2, 1), k=count)
        for kind in kinds:
            if kind == "event":
                made.append(self.event() + self.random.choice([b"", b"", b"\r", b" "]))
            elif kind == "blank":
                made.append(self.random.choice(BLANK))
            else:
                made.append(self.noise() if kind == "noise" else self.random.choice(DEAD))
        dead = kinds.count("dead") + kinds.count("noise")
        return made, Told(kinds.count("event"), dead, kinds.count("blank"))


def hostile_lines(folder: Path, seed: int, count: int) -> dict[str, Told]:
    """Write files of hostile lines below ``folder``; what each holds, by its name."""
    maker = Maker(seed)
    pack: dict[str, Callable[[bytes], bytes]] = {
        "plain.jsonl": lambda content: content,
        "marked.ndjson": lambda content: b"\xef\xbb\xbf" + content + b"\n",
        "windows.json": lambda content: content.replace(b"\n", b"\r\n"),
        "packed.jsonl.gz": gzip.compress,
        "joined.jsonl.gz": lambda content: b"".join(
            gzip.compress(part) for part in (content[:999], content[999:])
        ),
        "packed.jsonl.zst": zstandard.compress,
    }
    told = {}
    for name, packed in pack.items():
        lines, told[name] = maker.lines(count)
        # The last line holds something, so that the file's end is a line's end or no line at all.
        lines.append(maker.event())
        told[name] = Told(told[name].events + 1, told[name].dead, told[name].blank)
        (folder / name).write_bytes(packed(b"\n".join(lines)))
    big = [maker.event(), b'{"messageId":"big","properties":{"text":"' + b"x" * 5_000_000 + b'"}}']
    (folder / "big.jsonl").write_bytes(b"\n".join([*big, b"y" * (MAX_LINE + 1), b"", big[0]]))
    told["big.jsonl"] = Told(3, 1, 1)
    wide = "\n".join(['{"messageId":"w"}'] * 20).encode("utf-16")
    (folder / "wide.jsonl").write_bytes(wide)
    told["wide.jsonl"] = Told(0, 20, 0)
    (folder / "empty.jsonl").write_bytes(b"")
    told["empty.jsonl"] = Told(0, 0, 0)
    (folder / "blank.jsonl").write_bytes(b"\n \n\r\n\t")
    told["blank.jsonl"] = Told(0, 0, 4)
    return told


def hostile_parquet(folder: Path) -> dict[str, int]:
    """Write Parquet files whose columns are not what staging hopes for; rows by file."""
    moments = [datetime(2026, 6, 1, 12, tzinfo=UTC), None, datetime(1, 1, 1, tzinfo=UTC)]
    envelope = {
        "message_id": ["q1", "q2", "q3"],
        "type": ["track"] * 3,
        "event": ["Product Viewed"] * 3,
        "anonymous_id": ["v"] * 3,
    }
    properties = {"product_id": "p00001", "price": 9.5, "tags": [1, 2], "inner": {"a": None}}
    tables = {
        "objects": envelope
        | {
            "original_timestamp": pa.array(moments, pa.timestamp("us", "UTC")),
            "properties": [properties, None, properties | {"price": float("nan")}],
            "context": pa.array([[("ip", "x")], None, []], pa.map_(pa.string(), pa.string())),
            "traits": [[1], [], None],
        },
        "numbers": envelope
        | {
            "message_id": pa.array([1, 2, 2**62]),
            "anonymous_id": pa.array([1.5, float("nan"), float("-inf")]),
            "original_timestamp": pa.array([1780315200123, 0, -1]),
            "sent_at": pa.array([date(2026, 6, 1)] * 3),
            "received_at": pa.array([datetime(2026, 6, 1, 12)] * 3, pa.timestamp("ns")),
            "properties": pa.array([b"\xff\x00", b"{}", None]),
            "user_id": pa.array([Decimal("1.10"), None, Decimal("-3.00")]),
        },
        "not_the_envelope": {
            "id": [1, 2, 3],
            "event": [{"name": "x"}, None, {"name": None}],
            "type": pa.array([b"\xff", None, b""]),
            "properties": pa.array([[1], None, []]),
            "context": pa.nulls(3),
        },
        "nothing_at_all": {"message_id": pa.nulls(2)},
        "no_rows": {"message_id": pa.array([], pa.string())},
        "dictionaries": envelope
        | {
            "message_id": pa.array(["d1", "d2", None]).dictionary_encode(),
            "original_timestamp": ["2026-06-01T12:00:00Z"] * 3,
            "properties": ['{"product_id": "p00001", "price": "1e3"}', "{", "\x00"],
        },
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return {f"{name}.parquet": pa.table(columns).num_rows for name, columns in tables.items()}


def refused_files(folder: Path) -> set[str]:
    """Write files that must be refused whole; their names."""
    content = b'{"messageId":"never"}\n' * 2_000
    whole = folder / "whole.parquet"
    pq.write_table(pa.table({"message_id": ["never"] * 100}), whole)
    sound = whole.read_bytes()
    whole.unlink()
    damaged = {
        "cut.jsonl.gz": gzip.compress(content)[:-9],
        "cut.jsonl.zst": zstandard.compress(content)[:-3],
        "not_packed.jsonl.gz": content,
        "not_packed.jsonl.zst": content,
        "tail.jsonl.gz": gzip.compress(content) + b"tail",
        "no_byte.jsonl.gz": b"",
        "cut.parquet": sound[:-20],
        "text.parquet": content,
        "no_byte.parquet": b"",
        "no_byte.jsonl.zst": b"",
    }
    for name, spoiled in damaged.items():
        (folder / name).write_bytes(spoiled)
    pq.write_table(pa.table({"_line_number": [1]}), folder / "taken.parquet")
    return {*damaged, "taken.parquet"}
