"""What each macro of macros/dialect gives for what: written down, not taken from an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.engines.macros import Macros

TEXT, WHOLE, MOMENT, DAY = pa.string(), pa.int64(), pa.timestamp("us"), pa.date32()


@dataclass(frozen=True)
class Cases:
    """An expression over one column, `given`, and what it gives."""

    macro: str
    expression: Callable[[Macros], str]
    type: pa.DataType
    expected: dict[Any, Any]
    title: str = ""

    @property
    def name(self) -> str:
        return f"{self.macro} {self.title}".strip()

    def table(self) -> pa.Table:
        return pa.table(
            {
                "number": list(range(len(self.expected))),
                "given": pa.array(list(self.expected), self.type),
            }
        )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def on(text: str) -> date:
    return date.fromisoformat(text)


MOMENTS = {
    at("1970-01-01 00:00:00"): 0,
    at("1970-01-01 00:00:00.000001"): 1,
    at("1969-12-31 23:59:59.999999"): -1,
    at("2024-02-29 23:59:59.999999"): 1709251199999999,
    at("2024-03-01 00:00:00"): 1709251200000000,
    at("0001-01-01 00:00:00"): -62135596800000000,
    at("9999-12-31 23:59:59.999999"): 253402300799999999,
    None: None,
}

# JSON texts with "a", and the text of it.
JSON = {
    '{"a":1}': "1",
    '{"a":-0}': "0",
    '{"a":1.0}': "1.0",
    '{"a":1.10}': "1.1",
    '{"a":-0.0}': "-0.0",
    '{"a":1e2}': "100.0",
    '{"a":1E+2}': "100.0",
    '{"a":19.99}': "19.99",
    '{"a":0.30000000000000004}': "0.30000000000000004",
    '{"a":18446744073709551615}': "18446744073709551615",
    '{"a":100000000000000000000}': "100000000000000000000",
    # Java writes these with an exponent.
    '{"a":10000000.0}': "10000000.0",
    '{"a":-12345678.9}': "-12345678.9",
    '{"a":1.2345678901234567e7}': "12345678.901234567",
    '{"a":123456789.123456789123}': "123456789.12345679",
    '{"a":1e20}': "100000000000000000000.0",
    '{"a":-1e21}': "-1e21",
    '{"a":1.5e300}': "1.5e300",
    '{"a":0.001}': "0.001",
    '{"a":0.0001}': "0.0001",
    '{"a":-3.5e-6}': "-0.0000035",
    '{"a":1e-7}': "1e-7",
    '{"a":"1.0E7"}': "1.0E7",
    '{"a":true}': "true",
    '{"a":false}': "false",
    '{"a":null}': None,
    '{"a":"null"}': "null",
    '{"a":""}': "",
    '{"a":" "}': " ",
    '{"a":{}}': "{}",
    '{"a":[]}': "[]",
    '{"a":[1, 2.50,  "z"]}': '[1,2.5,"z"]',
    '{"a":{"b": [true, null], "c":"\\u00e9\\n/"}}': '{"b":[true,null],"c":"é\\n/"}',
    '{"a":"é😀"}': "é😀",
    '{"a":"\\u00e9\\ud83d\\ude00"}': "é😀",
    '{"a":"x\\ny\\t\\"q\\"\\\\\\/"}': 'x\ny\t"q"\\/',
    '{"a":"a\\u0000b"}': "a\x00b",
    '{"a":1,"a":2}': "1",
    '{"a":1,"a":null}': "1",
    ' {"a" : 1 }\n': "1",
    '{"A":1}': None,
    '{"a.b":1}': None,
    "{}": None,
    '[{"a":1}]': None,
    '"text"': None,
    "1": None,
    "null": None,
}

NO_JSON = [
    "",
    "  ",
    "nul",
    "{",
    '{"a":1',
    '{"a":1}x',
    '{"a":1} {"b":2}',
    '{"a":1},',
    '{"a":1},{"a":2}',
    '{"a":1}}',
    "1]",
    "1}",
    '1,"x":2',
    "{'a':1}",
    "{a:1}",
    '{"a":01}',
    '{"a":.5}',
    '{"a":1.}',
    '{"a":+1}',
    '{"a":tru}',
    '{"a":"\\x"}',
    '{"a":"\\ud83d"}',
    '{"a":"x\ny"}',
    '// c\n{"a":1}',
    '{"a":1}// c',
    "\ufeff{}",
    "\u00a0{}",
]

NOON = at("2026-06-01 12:00:00")
UTC = {
    "2026-06-01T12:00:00.123Z": at("2026-06-01 12:00:00.123"),
    "2026-06-01T12:00:00Z": NOON,
    "2026-06-01 12:00:00Z": NOON,
    "2026-06-01T12:00:00": NOON,
    "2026-06-01T12:00": NOON,
    "2026-06-01T12:00Z": NOON,
    "2026-06-01 14:30+02:30": NOON,
    "2026-06-01T14:00+02": NOON,
    # A fraction of one to nine digits, cut off beyond microseconds.
    "2026-06-01T12:00:00.1Z": at("2026-06-01 12:00:00.1"),
    "2026-06-01T12:00:00.12+00": at("2026-06-01 12:00:00.12"),
    "2026-06-01T12:00:00.1234Z": at("2026-06-01 12:00:00.1234"),
    "2026-06-01T12:00:00.12345Z": at("2026-06-01 12:00:00.12345"),
    "2026-06-01T12:00:00.123456Z": at("2026-06-01 12:00:00.123456"),
    "2026-06-01T12:00:00.1234567Z": at("2026-06-01 12:00:00.123456"),
    "2026-06-01T12:00:00.12345699Z": at("2026-06-01 12:00:00.123456"),
    "2026-06-01T12:00:00.123456999": at("2026-06-01 12:00:00.123456"),
    "2026-06-01T12:00:00.1234567890Z": None,
    "2026-06-01T12:00:00.Z": None,
    "2026-06-01T12:00:00,123Z": None,
    # Offsets.
    "2026-06-01T14:00:00+02:00": NOON,
    "2026-06-01T14:00:00+0200": NOON,
    "2026-06-01T12:00:00-00:00": NOON,
    "2026-06-01T14:00:00-14:59": at("2026-06-02 04:59:00"),
    "2026-06-01T14:00:00+14:30": at("2026-05-31 23:30:00"),
    "2026-06-01T14:00:00+15:00": None,
    "2026-06-01T14:00:00+02:60": None,
    "2026-06-01T12:00:00.123+0Z": None,
    "2026-06-01T12:00:00 UTC": None,
    # 24 characters that are not JavaScript's.
    "2026-06-01T12:00:00.12 Z": None,
    "2026-06-01T12:00:00. 12Z": None,
    "2026-06-01T12:00:00.-12Z": None,
    "2026-06-01T12:00:00.1e1Z": None,
    "2026-06- 1T12:00:00.123Z": None,
    "2026-06-01T 2:00:00.123Z": None,
    "20a6-06-01T12:00:00.123Z": None,
    "2026/06/01T12:00:00.123Z": None,
    "2026-06-01T12:00:00.123z": None,
    "2026-06-01t12:00:00.123Z": None,
    "+2026-06-01T12:00:00.12Z": None,
    "2026-06-01T1:00:00.1234Z": None,
    # The clock and the calendar.
    "2026-06-01T23:59:59.999Z": at("2026-06-01 23:59:59.999"),
    "2026-06-01T24:00:00.000Z": None,
    "2026-06-01T24:00:00Z": None,
    "2026-06-01T23:60:00.000Z": None,
    "2026-06-01T23:59:60.000Z": None,
    "2026-06-01T23:59:60Z": None,
    "2026-06-31T12:00:00.000Z": None,
    "2026-13-01T12:00:00.000Z": None,
    "2026-00-01T12:00:00Z": None,
    "2024-02-29T00:00:00.000Z": at("2024-02-29"),
    "2024-02-29T23:30:00-01:00": at("2024-03-01 00:30:00"),
    "2023-02-29T00:00:00.000Z": None,
    "2023-02-29T00:00:00Z": None,
    # The years that a clock may say.
    "1999-12-31T23:59:59.999Z": None,
    "1999-12-31T23:59:59.999999Z": None,
    "2000-01-01T00:00:00.000Z": at("2000-01-01"),
    "1999-12-31T23:00:00-01:00": at("2000-01-01"),
    "2000-01-01T00:30:00+01:00": None,
    "2099-12-31T23:59:59.9999999Z": at("2099-12-31 23:59:59.999999"),
    "2100-01-01T00:00:00.000Z": None,
    "2100-01-01T00:30:00+01:00": at("2099-12-31 23:30:00"),
    "2099-12-31T23:30:00-01:00": None,
    # What is no moment.
    "": None,
    "2026-06-01": None,
    "2026-06-01T12Z": None,
    "1780315200": None,
    " 2026-06-01T12:00:00Z": None,
    "2026-06-01T12:00:00Z ": None,
    "2026-06-01T12:00:00Z\n": None,
    "2026-06-01T12:00:00.123\n": None,
    "2026-06-01T12:00:00\u00a0Z": None,
    "\u0662\u0660\u0662\u0666-06-01T12:00:00.123Z": None,
    "\uff12026-06-01T12:00:00Z": None,
    None: None,
}

# A text, and the number to cents.
NUMBERS = {
    "5": "5",
    "5.00": "5",
    "-5": "-5",
    "+5": "5",
    " 5\n": "5",
    "1e3": "1000",
    "1E-2": "0.01",
    ".5": "0.5",
    "5.": "5",
    "-0": "0",
    # A tie goes away from zero.
    "0.005": "0.01",
    "1.005": "1.01",
    "-0.005": "-0.01",
    "-0.004": "0",
    "1.99999": "2",
    "1e-400": "0",
    "9999999999999999.99": "9999999999999999.99",
    "99999999999999999": None,
    "1e400": None,
    "": None,
    "abc": None,
    "1_000": None,
    "1,50": None,
    "0x10": None,
    "5d": None,
    "5 5": None,
    "--5": None,
    "1e": None,
    "NaN": None,
    "Infinity": None,
    "true": None,
    "\u0665": None,
    "\uff15": None,
    "5\u00a0": None,
    None: None,
}

CASES = [
    Cases("epoch_us", lambda to: to.epoch_us("given"), MOMENT, MOMENTS),
    Cases(
        "timestamp_from_us",
        lambda to: to.timestamp_from_us("given"),
        WHOLE,
        {micros: moment for moment, micros in MOMENTS.items()},
    ),
    Cases(
        "whole_quotient",
        lambda to: to.whole_quotient("given", "7"),
        WHOLE,
        {0: 0, 6: 0, 7: 1, 20: 2, -6: 0, -7: -1, -20: -2, 2**62: 2**62 // 7, None: None},
    ),
    Cases(
        "slot_number",
        lambda to: to.slot_number("given"),
        MOMENT,
        {
            at("1970-01-01 00:29:59.999999"): 0,
            at("1970-01-01 00:30:00"): 1,
            at("2024-02-29 23:59:59.999999"): 949583,
            at("2024-03-01 00:00:00"): 949584,
            # Towards zero, on both.
            at("1969-12-31 23:30:00.000001"): 0,
            at("1969-12-31 23:30:00"): -1,
            at("1969-12-31 22:59:59"): -2,
            None: None,
        },
    ),
    Cases(
        "add_hours",
        lambda to: to.add_hours("given", 24),
        MOMENT,
        {
            at("2024-02-28 23:30:00.000001"): at("2024-02-29 23:30:00.000001"),
            at("2023-02-28 00:00:00"): at("2023-03-01 00:00:00"),
            # No summer time in UTC.
            at("2026-03-29 00:30:00"): at("2026-03-30 00:30:00"),
            at("1969-12-31 12:00:00"): at("1970-01-01 12:00:00"),
            None: None,
        },
    ),
    Cases(
        "add_days",
        lambda to: to.add_days("given", -2),
        DAY,
        {
            on("2024-03-01"): on("2024-02-28"),
            on("2023-03-01"): on("2023-02-27"),
            on("1970-01-01"): on("1969-12-30"),
            None: None,
        },
    ),
    Cases(
        "day_number",
        lambda to: to.day_number("given"),
        MOMENT,
        {
            at("1970-01-01 23:59:59.999999"): 0,
            at("1969-12-31 00:00:00"): -1,
            at("2024-03-01 00:00:00"): 19783,
            None: None,
        },
    ),
    Cases(
        "month_start",
        lambda to: to.month_start("given"),
        MOMENT,
        {
            at("2024-02-29 23:59:59.999999"): on("2024-02-01"),
            at("2024-03-01 00:00:00"): on("2024-03-01"),
            at("1969-12-31 12:00:00"): on("1969-12-01"),
            None: None,
        },
    ),
    Cases(
        "month_start",
        lambda to: to.month_start("given"),
        DAY,
        {on("2024-12-31"): on("2024-12-01"), None: None},
        "of a day",
    ),
    Cases(
        "week_start",
        lambda to: to.week_start("given"),
        MOMENT,
        {
            at("2024-03-03 23:59:59.999999"): on("2024-02-26"),
            at("2024-03-04 00:00:00"): on("2024-03-04"),
            at("2026-01-01 12:00:00"): on("2025-12-29"),
            None: None,
        },
    ),
    Cases(
        "timestamp_type",
        lambda to: f"cast(given as {to.timestamp_type()})",
        TEXT,
        {
            "2024-02-29 23:59:59.999999": at("2024-02-29 23:59:59.999999"),
            "1969-12-31 00:00:00": at("1969-12-31"),
            None: None,
        },
    ),
    *(
        Cases(
            "timestamp_literal",
            lambda to, text=text: to.timestamp_literal(text),
            TEXT,
            {"": at(text)},
            text,
        )
        for text in ("2024-02-29 23:59:59.999999", "1970-01-01 00:00:00", "9999-12-31 00:00:00")
    ),
    Cases("parse_utc", lambda to: to.parse_utc("given"), TEXT, UTC),
    Cases(
        "decimal_number",
        lambda to: to.decimal_number("given", 2),
        TEXT,
        {text: None if number is None else Decimal(number) for text, number in NUMBERS.items()},
    ),
    Cases(
        "array_item",
        lambda to: to.array_item("given", 1),
        pa.list_(TEXT),
        {("a", "é"): "é", ("a", None): None, None: None},
    ),
    Cases(
        "valid_json",
        lambda to: to.valid_json("given"),
        TEXT,
        {text: text for text in JSON} | dict.fromkeys(NO_JSON) | {None: None},
    ),
    Cases("json_text", lambda to: to.json_text("given", "$.a"), TEXT, JSON | {None: None}),
    Cases(
        "json_text",
        lambda to: to.json_text("given", "$.a.b"),
        TEXT,
        {
            '{"a":{"b":"x"}}': "x",
            '{"a":{"b":1e7}}': "10000000.0",
            '{"a":{"b":{"c":1}}}': '{"c":1}',
            '{"a":[{"b":1}]}': None,
            '{"a":"{\\"b\\":1}"}': None,
            '{"b":1}': None,
            "{}": None,
        },
        "below another",
    ),
    Cases(
        "json_text_at",
        lambda to: to.json_text_at("given", "'a/b~ \"c'"),
        TEXT,
        {
            '{"a/b~ \\"c":"x","d":1}': "x",
            '{"d":"y","a/b~ \\"c":""}': "",
            '{"a/b~ \\"c":null}': None,
            '{"a":{"b~ \\"c":"x"}}': None,
            '{"a/b~ \\"c":"x"': None,
            "no JSON": None,
            "": None,
            "{}": None,
            None: None,
        },
    ),
    Cases(
        "json_texts",
        lambda to: to.json_texts("given", ["$.a", "$.b.c", "$.none"]),
        TEXT,
        {
            '{"b":{"c":"é"},"a":1e7}': ["10000000.0", "é", None],
            '{"a":"1.0E7","b":[1]}': ["1.0E7", None, None],
            "{}": [None, None, None],
            "[]": [None, None, None],
        },
    ),
]

# Where no macro makes them agree: what valid_json, then json_text of $.a, gives on each engine.
KNOWN_TO_DIFFER = {
    '{"a":NaN}': {"duckdb": (True, "NaN"), "spark": (False, None)},
    '{"a":-Infinity}': {"duckdb": (True, "-Infinity"), "spark": (False, None)},
    '{"a":1,}': {"duckdb": (True, "1"), "spark": (False, None)},
    "[" * 1001 + "]" * 1001: {"duckdb": (True, None), "spark": (False, None)},
    '{"a":null,"a":2}': {"duckdb": (True, None), "spark": (True, "2")},
    '{"a":1e400}': {"duckdb": (True, "1e400"), "spark": (True, '"Infinity"')},
    '{"a":[1e7]}': {"duckdb": (True, "[10000000.0]"), "spark": (True, "[1.0E7]")},
}

# Products of a JSON text: product_id, price and position.
PRODUCTS: dict[str | None, list[tuple[str, str | None, int]]] = {
    '{"products":[{"product_id":"a"},{"product_id":"b","position":7}]}': [
        ("a", None, 1),
        ("b", None, 7),
    ],
    # Elements that are no products keep their place.
    '{"products":[1,"s",null,[{"product_id":"n"}],{},{"product_id":"z"}]}': [("z", None, 6)],
    '{"products":[{"product_id":null},{"product_id":""},{"product_id":5},{"product_id":5.0}]}': [
        ("", None, 2),
        ("5", None, 3),
        ("5.0", None, 4),
    ],
    '{"products":[{"product_id":10000000.0,"price":1e7},{"product_id":"1.0E7","price":"1.0E7"}]}': [
        ("10000000.0", "10000000.0", 1),
        ("1.0E7", "1.0E7", 2),
    ],
    '{"products":[{"product_id":true,"price":false},{"product_id":{"x":1},"price":[1]}]}': [
        ("true", "false", 1),
        ('{"x":1}', "[1]", 2),
    ],
    # A position that is no whole number gives way to the place.
    '{"products":[{"product_id":"a","position":"3"},{"product_id":"b","position":3.7},'
    '{"product_id":"c","position":" 40 "},{"product_id":"d","position":"x"},'
    '{"product_id":"e","position":null},{"product_id":"f","position":-1},'
    '{"product_id":"g","position":"1e1"},{"product_id":"h","position":99999999999},'
    '{"product_id":"i","position":true},{"product_id":"j","position":50.0},'
    '{"product_id":"k","position":"1_0"}]}': [
        ("a", None, 3),
        ("b", None, 2),
        ("c", None, 40),
        ("d", None, 4),
        ("e", None, 5),
        ("f", None, -1),
        ("g", None, 10),
        ("h", None, 8),
        ("i", None, 9),
        ("j", None, 50),
        ("k", None, 11),
    ],
    '{"products":[{"product_id":"é😀\\u00e9","price":19.90,"PRODUCT_ID":"up"}]}': [
        ("é😀é", "19.9", 1)
    ],
    '{"products":[{"PRODUCT_ID":"up"}]}': [],
    '{"products":[{"product_id":"a","product_id":"b"}]}': [("a", None, 1)],
    '{"products":[]}': [],
    '{"products":null}': [],
    '{"products":{"product_id":"a"}}': [],
    '{"products":"x"}': [],
    '[{"products":[{"product_id":"a"}]}]': [],
    "{}": [],
    None: [],
}

# Rows (key, tie, value), and the value at the smallest and at the largest (key, tie).
Ranked = tuple[int | None, int | None, str | None]
RANKED: dict[str, tuple[list[Ranked], str | None, str | None]] = {
    "a tie": ([(1, 1, "b"), (1, 0, "a"), (1, 2, "c")], "a", "c"),
    "no value at the ends": ([(0, 0, None), (1, 0, "x"), (2, 0, "y"), (3, 0, None)], "x", "y"),
    "no value at all": ([(0, 0, None), (1, 0, None)], None, None),
    "negative keys": ([(-2, 0, "x"), (-10, 0, "y"), (1, 0, "z")], "y", "z"),
    "a key is NULL": ([(None, 0, "k"), (1, 0, "x")], "x", "k"),
    "every key is NULL": ([(None, None, "z")], "z", "z"),
    "a tie is NULL": ([(1, None, "n"), (1, 5, "m")], "m", "n"),
    "an empty text": ([(1, 0, ""), (2, 0, "é")], "", "é"),
}
# And by the key alone.
RANKED_BY_ONE: dict[str, tuple[list[Ranked], str | None, str | None]] = {
    "no tie": ([(2, 0, "b"), (1, 0, "a"), (3, 0, None)], "a", "b"),
    "a key is NULL": ([(None, 0, "k"), (1, 0, "x"), (2, 0, "y")], "x", "y"),
    "every key is NULL": ([(None, 0, "k")], None, None),
}

# Why rules.py refuses: rule, expression, what DuckDB gives, what Spark gives.
PROOFS: list[tuple[str, str, Any, Any]] = [
    ("order of nulls", "min(a) filter (where place = 1)", 1, None),
    ("greatest by a key", "max_by(case when a = 1 then 'x' end, b)", "x", None),
    ("fraction to whole number", "cast(2.5 as int)", 3, 2),
    ("fraction to whole number", "cast(cast(3.5 as double) as int)", 4, 3),
    ("round to digits", "round(cast(1.005 as double), 2)", 1.0, 1.01),
    (
        "quotient to decimal",
        "cast(cast(934.02 as double) / 12 as decimal(18, 2))",
        Decimal("77.83"),
        Decimal("77.84"),
    ),
    (
        "quotient of decimals",
        "cast(1 as decimal(10, 2)) / cast(3 as decimal(10, 2))",
        1 / 3,
        Decimal("0.3333333333333"),
    ),
    ("sum of whole numbers", "typeof(sum(a))", "HUGEINT", "bigint"),
    ("text of a double", "cast(cast(1e20 as double) as string)", "1e+20", "1.0E20"),
    ("logarithm", "round(log(100))", 2.0, 5.0),
    ("concat", "concat('a', null, 'b')", "ab", None),
    ("split", "split('a.b', '.')", ["a", "b"], ["", "", "", ""]),
    ("group of a match", "regexp_extract('ab1', '([a-z]+)([0-9]+)')", "ab1", "ab"),
    ("regexp_replace", "regexp_replace('a1b2', '[0-9]', '')", "ab2", "ab"),
    ("backslash", r"length('a\nb')", 4, 3),
    ("substring from 0", "substring('abc', 0, 2)", "a", "ab"),
    ("upper", "upper('\u00df')", "\u1e9e", "SS"),
    ("upper", "lower('\u0130')", "i", "i\u0307"),
    ("upper", "lower('\u039f\u03a3')", "\u03bf\u03c3", "\u03bf\u03c2"),
    ("part of a moment", "dayofweek(date '2026-03-08')", 0, 1),
    (
        "arithmetic with times",
        "date '2026-03-08' + interval '1' day",
        at("2026-03-09"),
        at("2026-03-09").date(),
    ),
]
