"""Each macro of macros/dialect means the same on both engines."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
import yaml

from tests.engines.cases import (
    CASES,
    DAY,
    KNOWN_TO_DIFFER,
    PRODUCTS,
    PROOFS,
    RANKED,
    RANKED_BY_ONE,
    Cases,
    Ranked,
    on,
)
from tests.engines.conftest import DuckDB, Engine, Spark
from tests.engines.macros import DIALECT, ROOT, Macros, Relation, dialect_macros
from tests.engines.rules import RULES

# What has a test of its own below.
ELSEWHERE = {
    "event_key",
    "exploded_days",
    "exploded_products",
    "first_by",
    "forget",
    "kept",
    "laid_out_by",
    "last_by",
    "rows_of_keys",
}


def test_every_macro_has_cases() -> None:
    held = {cases.macro for cases in CASES} | ELSEWHERE
    assert held == set(dialect_macros())
    assert {file.stem for file in DIALECT.glob("*.sql")} <= held


@pytest.mark.parametrize("cases", CASES, ids=lambda cases: cases.name)
def test_a_macro_gives_what_is_written_down(engine: Engine, cases: Cases) -> None:
    engine.give("given_rows", cases.table())
    found = engine.ask(
        f"select number, {cases.expression(engine.macros)} from given_rows order by number"
    )
    assert dict(zip(cases.expected, (row[1] for row in found), strict=True)) == cases.expected


@pytest.mark.parametrize("is_incremental", [False, True], ids=["whole", "increment"])
def test_only_a_whole_table_of_duckdb_is_laid_out_in_order(is_incremental: bool) -> None:
    said = {
        name: str(Macros(name, is_incremental=lambda: is_incremental).laid_out_by("slot")).strip()
        for name in ("duckdb", "spark")
    }
    assert said == {"duckdb": "" if is_incremental else "order by slot", "spark": ""}


def test_json_on_which_the_engines_differ_is_known(engine: Engine) -> None:
    """Should they come to agree, a macro and docs/dialect.md can be made shorter."""
    texts = list(KNOWN_TO_DIFFER)
    engine.give("odd_json", pa.table({"number": list(range(len(texts))), "given": texts}))
    valid = engine.macros.valid_json("given")
    found = engine.ask(f"""
        select {valid} is not null, {engine.macros.json_text("valid", "$.a")}
        from (select *, {valid} as valid from odd_json) as odd order by number
    """)
    assert dict(zip(texts, found, strict=True)) == {
        text: answers[engine.name] for text, answers in KNOWN_TO_DIFFER.items()
    }


def test_exploded_products(engine: Engine) -> None:
    texts = list(PRODUCTS)
    engine.give("lists", pa.table({"number": list(range(len(texts))), "properties": texts}))
    exploded = engine.macros.exploded_products("lists", ["number"], "properties", ["price"])
    found = engine.ask(f"select number, product_id, price, position from ({exploded}) as exploded")
    expected = [
        (number, *product) for number, text in enumerate(texts) for product in PRODUCTS[text]
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_exploded_days(engine: Engine) -> None:
    spans = {
        "over a leap day": ("2024-02-28", "2024-03-01"),
        "one day": ("2024-03-01", "2024-03-01"),
        "backwards": ("2024-03-02", "2024-03-01"),
        "no end": ("2024-03-02", None),
    }
    engine.give(
        "spans",
        pa.table(
            {
                "name": list(spans),
                "first_day": pa.array([on(first) for first, _ in spans.values()], DAY),
                "last_day": pa.array([last and on(last) for _, last in spans.values()], DAY),
            }
        ),
    )
    exploded = engine.macros.exploded_days("spans", ["name"], "first_day", "last_day")
    found = engine.ask(f"select name, date_day from ({exploded}) as exploded")
    assert sorted(found) == [
        ("one day", on("2024-03-01")),
        ("over a leap day", on("2024-02-28")),
        ("over a leap day", on("2024-02-29")),
        ("over a leap day", on("2024-03-01")),
    ]


@pytest.mark.parametrize("keys", ["two", "one"])
def test_first_by_and_last_by(engine: Engine, keys: str) -> None:
    groups = RANKED if keys == "two" else RANKED_BY_ONE
    by = ("value", "rank", "tie") if keys == "two" else ("value", "rank")
    rows: list[tuple[str, Ranked]] = [
        (name, row) for name, (group, _, _) in groups.items() for row in group
    ]
    engine.give(
        "ranked",
        pa.table(
            {
                "name": [name for name, _ in rows],
                "rank": pa.array([row[0] for _, row in rows], pa.int64()),
                "tie": pa.array([row[1] for _, row in rows], pa.int64()),
                "value": pa.array([row[2] for _, row in rows], pa.string()),
            }
        ),
    )
    ends = f"{engine.macros.first_by(*by)}, {engine.macros.last_by(*by)}"
    found = engine.ask(f"""
        select name, {ends} from ranked group by name
        union all
        select 'no row', {ends} from ranked where false
    """)
    expected = {name: (first, last) for name, (_, first, last) in groups.items()}
    assert {row[0]: row[1:] for row in found} == expected | {"no row": (None, None)}


def test_event_keys_are_equal_for_equal_texts_alone(engine: Engine) -> None:
    texts = ["", " ", "a", "A", "a ", "é", "e\u0301", "😀", "0", "00", "x" * 10_000]
    engine.give("ids", pa.table({"event_id": texts * 2}))
    key = engine.macros.event_key("event_id")
    found = engine.ask(f"select event_id, count(distinct {key}), max({key}) from ids group by 1")
    assert {row[:2] for row in found} == {(text, 1) for text in texts}
    assert len({row[2] for row in found}) == len(texts)


def test_money_is_divided_to_the_nearest_cent_and_halves_away_from_zero(engine: Engine) -> None:
    rng = random.Random(3)
    cents = [
        93_402,
        -93_402,
        0,
        10**13 + 1,
        *(rng.randrange(-(10**7), 10**7) for _ in range(3_000)),
    ]
    counts = [12, 12, 0, 2, *(rng.choice([2, 4, 8, 12, 40, 200, 1_000]) for _ in range(3_000))]
    amounts = pa.array([Decimal(cent) / 100 for cent in cents], pa.decimal128(18, 2))
    engine.give(
        "amounts", pa.table({"place": list(range(len(cents))), "amount": amounts, "n": counts})
    )
    money = engine.macros.money_per("amount", "n")
    found = [row[0] for row in engine.ask(f"select {money} from amounts order by place")]
    expected = [
        (amount.as_py() / n).quantize(Decimal("0.01"), ROUND_HALF_UP) if n else None
        for amount, n in zip(amounts, counts, strict=True)
    ]
    assert found == expected


@pytest.mark.parametrize("is_cte", [False, True], ids=["table", "unit test"])
def test_rows_of_keys(engine: Engine, is_cte: bool) -> None:
    engine.give("kept_rows", pa.table({"key": [1, 1, 2, 3, None], "value": list("abcde")}))
    engine.give("wanted", pa.table({"key": pa.array([1, 1, 3, 9, None], pa.int64())}))
    relation = Relation("kept_rows")
    relation.is_cte = is_cte
    rows = engine.macros.rows_of_keys(relation, "key", "wanted")
    found = engine.ask(f"select key, value from {rows} as rows_found order by value")
    assert found == [(1, "a"), (1, "b"), (3, "d")]


def test_rows_of_no_keys(engine: Engine) -> None:
    engine.give("kept_rows", pa.table({"key": [1], "value": ["a"]}))
    engine.give("wanted", pa.table({"key": pa.array([], pa.int64())}))
    rows = engine.macros.rows_of_keys(Relation("kept_rows"), "key", "wanted")
    assert engine.ask(f"select key, value from {rows} as rows_found") == []


@pytest.mark.parametrize(
    ("rows", "left"),
    [("slot >= 2", [1, None]), ("slot in (select 1)", [2, 3, None]), ("false", [1, 2, 3, None])],
)
def test_forget_leaves_what_its_condition_does_not_name(
    engine: Engine, rows: str, left: list[int | None]
) -> None:
    engine.give("sessions", pa.table({"slot": [1, 2, 3, None]}))
    relation = Relation("sessions")
    engine.ask(engine.macros.forget(relation, rows))
    found = engine.ask(f"select slot from {engine.macros.kept(relation)} order by slot nulls last")
    assert [row[0] for row in found] == left


def test_the_lint_refuses_what_differs(engine: Engine) -> None:
    """Should the engines come to agree on one of these, its rule can go."""
    assert {rule for rule, *_ in PROOFS} <= {rule.name for rule in RULES}
    engine.give("pairs", pa.table({"a": [1, 2, None], "b": [1, 2, 3]}))
    (found,) = engine.ask(f"""
        select {", ".join(expression for _, expression, _, _ in PROOFS)}
        from (select *, row_number() over (order by a) as place from pairs) as placed
    """)
    answers = [(one, other) for _, _, one, other in PROOFS]
    expected = [pair[0 if engine.name == "duckdb" else 1] for pair in answers]
    assert dict(zip([proof[1] for proof in PROOFS], found, strict=True)) == dict(
        zip([proof[1] for proof in PROOFS], expected, strict=True)
    )


def sql_of_unit_tests() -> Iterator[Any]:
    """Rows of dbt's unit tests that are written as SQL: no lint reads them, and both engines do."""
    for file in sorted((ROOT / "models").rglob("*.yml")):
        for case in yaml.safe_load(file.read_text()).get("unit_tests", []):
            for part in (*case["given"], case["expect"]):
                if part.get("format") == "sql":
                    yield pytest.param(part["rows"], id=f"{case['name']}-{part.get('input')}")


@pytest.mark.parametrize("sql", list(sql_of_unit_tests()))
def test_sql_of_unit_tests_gives_the_same_rows(
    duckdb_engine: DuckDB, spark_engine: Spark, sql: str
) -> None:
    found, other = (sorted(engine.ask(sql), key=repr) for engine in (duckdb_engine, spark_engine))
    assert found == other and found


MOMENTS = [
    "2026-06-01T12:00:00.123Z",
    "2024-02-29T23:59:59.999Z",
    "2000-01-01T00:00:00.000Z",
    "2099-12-31T23:59:59.999Z",
    "2026-06-01T12:00:00Z",
    "2026-06-01 12:00:00.1234567+02:00",
    "2026-06-01T12:00-0530",
]
CHARACTERS = "0123456789" * 2 + "-:.TZ+ tz,/eE\n\u0663\u00a0\uff11"


def mutated_moments(count: int, seed: int) -> list[str]:
    """Texts that differ from a moment by up to three characters put in, changed or left out."""
    draw = random.Random(seed)
    texts = set(MOMENTS)
    while len(texts) < count:
        text = list(draw.choice(MOMENTS))
        for _ in range(draw.choice([1, 1, 1, 2, 2, 3])):
            place, kind = draw.randrange(len(text)), draw.random()
            if kind < 0.7:
                text[place] = draw.choice(CHARACTERS)
            elif kind < 0.85:
                text.insert(place, draw.choice(CHARACTERS))
            else:
                del text[place]
        texts.add("".join(text))
    return sorted(texts)


def test_both_ways_to_read_a_moment_and_both_engines_agree(
    duckdb_engine: DuckDB, spark_engine: Spark
) -> None:
    texts = mutated_moments(20_000, seed=4)
    table = pa.table({"number": list(range(len(texts))), "given": texts})
    for engine in (duckdb_engine, spark_engine):
        engine.give("mutated", table)
    macros = duckdb_engine.macros
    by_form, by_pattern = macros.moment_of_form("given"), macros.moment_of_pattern("given")
    differing = duckdb_engine.ask(f"""
        select given, {by_form}, {by_pattern} from mutated
        where {by_form} is not null and {by_form} is distinct from {by_pattern}
    """)
    assert differing == []

    answers = [
        engine.ask(f"select number, {engine.macros.parse_utc('given')} from mutated order by 1")
        for engine in (duckdb_engine, spark_engine)
    ]
    assert [
        (texts[one[0]], one[1], other[1])
        for one, other in zip(*answers, strict=True)
        if one != other
    ] == []
    # The texts are not all beyond reading, nor all of one form.
    read = [texts[number] for number, moment in answers[0] if moment is not None]
    assert len(read) > 1_000
    assert len([text for text in read if re.fullmatch(r"\S{23}Z", text)]) > 300
