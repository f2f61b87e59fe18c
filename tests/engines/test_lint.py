"""No model and no test in SQL says what the engines answer differently; the lint sees what does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.lint import ROOT, findings_in, lint, linted_files
from tests.engines.macros import dialect_macros
from tests.engines.rules import RULES

DOUBLE, DECIMAL = "cast(a as double)", "cast(a as decimal(18, 2))"
# Rule by rule, expressions over the columns a and b, which no contract knows.
PLANTED = {
    "order of nulls": [
        "row_number() over (partition by b order by a)",
        "lag(a) over (order by b nulls last, a)",
        "(select a from rows order by a limit 1)",
    ],
    "greatest by a key": ["max_by(a, b)", "arg_min(a, b)"],
    "any of several": ["any_value(a)", "first(a)", "mode(a)"],
    "fraction to whole number": [
        f"cast({DOUBLE} as integer)",
        f"try_cast(({DECIMAL} * 2) as bigint)",
        "cast(2.5 as smallint)",
    ],
    "round to digits": [f"round({DOUBLE}, 2)", "round(a, 1)"],
    "quotient to decimal": [f"cast({DOUBLE} / nullif(b, 0) as decimal(18, 2))"],
    "quotient of decimals": [f"{DECIMAL} / 3", f"avg({DECIMAL})", f"3 / ({DECIMAL} + 1)"],
    "division by zero": ["a / b", f"1 / {DOUBLE}", "a % b", "a / 0"],
    "sum of whole numbers": [
        "sum(cast(a as bigint))",
        "coalesce(sum(1), 0)",
        "sum(case when a then 1 else 0 end)",
    ],
    "text of a double": [f"cast({DOUBLE} as varchar)"],
    "logarithm": ["log(a)"],
    "concat": ["concat(a, b)"],
    "hash": ["hash(a)"],
    "estimate": ["approx_count_distinct(a)", "approx_quantile(a, 0.5)"],
    "quantile between values": [
        "percentile_cont(0.5) within group (order by a)",
        "median(a)",
    ],
    "list in an order": ["array_agg(a order by b)", "string_agg(a, ',' order by b)"],
    "place in a list": ["a[1]"],
    "split": ["split(a, '.')", "string_split(a, '.')"],
    "group of a match": ["regexp_extract(a, '(x)(y)')"],
    "regexp_replace": ["regexp_replace(a, 'x', 'y')"],
    "backslash": [r"replace(a, '\n', '')"],
    "substring from 0": ["substring(a, 0, 2)", "substr(a, 0, 2)"],
    "upper": ["upper(a)"],
    "part of a moment": ["extract(dow from a)", "extract(second from a)", "dayofweek(a)"],
    "time between": ["date_diff('hour', a, b)", "datediff('month', a, b)"],
    "arithmetic with times": [
        "a + interval '1' day",
        "cast(a as date) - cast(b as date)",
        "cast(a as date) + 1",
        "date_add(a, interval 1 day)",
    ],
    "type of a moment": ["cast(a as timestamp)", "timestamp '2026-06-01'", "date_trunc('day', a)"],
    "cast by colons": ["a::integer"],
    "dbt's own macro": ["{{ dbt.datediff('a', 'b', 'hour') }}", "{{ dbt.safe_cast('a', 'int') }}"],
}
FINE = [
    "row_number() over (order by a nulls last)",
    "row_number() over (order by event_id, a desc)",
    "percentile_disc(0.5) within group (order by a)",
    "array_agg(a)",
    f"cast(floor({DOUBLE}) as bigint)",
    "cast(a as integer)",
    f"round({DECIMAL}, 2)",
    f"round({DOUBLE} * 100) / 100",
    f"cast({DECIMAL} as double) / nullif(b, 0)",
    f"avg(cast({DECIMAL} as double))",
    "a / 1000000.0",
    "cast(sum(cast(a as bigint)) as bigint)",
    "cast(coalesce(sum(1), 0) as bigint)",
    f"sum({DECIMAL})",
    f"cast({DECIMAL} as varchar)",
    "a || ':: log(x) concat(y)'",
    "ln(a) + log10(b)",
    "split_part(a, '/', 3)",
    "regexp_extract(a, '(x)(y)', 1)",
    "replace(lower(a), 'x', 'y')",
    "substring(a, 1, 2)",
    "cast(a as date)",
    "extract(year from a)",
    "cast(a as {{ timestamp_type() }})",
    "{{ money_per('a', 'b') }}",
    "cast(a as {{ dbt.type_string() }})",
    "{{ add_hours('a', 24) }} > {{ timestamp_literal('2026-06-01 00:00:00') }}",
    "{{ epoch_us('a') }} - {{ epoch_us('b') }}",
    "{{ first_by('a', 'b') }}",
    "{{ array_item(json_texts('a', ['$.b']), 0) }}",
    "a -- concat(a, b)",
]


def refused(expression: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The rules that refuse an expression in a model of its own."""
    monkeypatch.setattr("tests.engines.lint.ROOT", folder)
    model = folder / "planted.sql"
    model.write_text(
        f"select\n    {expression}\n    as found\nfrom {{{{ ref('rows') }}}} as rows\n"
    )
    return {finding.rule.name for finding in lint(model)}


@pytest.mark.parametrize("file", linted_files(), ids=lambda file: file.stem)
def test_the_engines_agree_on_what_is_written(file: Path) -> None:
    assert not lint(file), "\n" + "\n".join(map(str, lint(file)))


def test_every_rule_has_planted_examples() -> None:
    assert [rule.name for rule in RULES] == list(PLANTED)


@pytest.mark.parametrize(
    ("rule", "expression"),
    [(rule, expression) for rule, expressions in PLANTED.items() for expression in expressions],
)
def test_a_planted_expression_is_refused(
    rule: str, expression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rule in refused(expression, tmp_path, monkeypatch)


@pytest.mark.parametrize("expression", FINE)
def test_what_means_the_same_is_let_through(
    expression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(expression, tmp_path, monkeypatch) == set()


def test_types_come_from_contracts_through_common_table_expressions() -> None:
    sql = """
        with items as (select *, unit_price * 2 as twice from fct_order_items)
        select cast(twice as integer) as units, sum(quantity) as total from items
    """
    found = {finding.rule.name for finding in findings_in(sql, "some.sql")}
    assert found == {"fraction to whole number", "sum of whole numbers"}


def test_hooks_and_macros_beside_the_dialect_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.engines.lint.ROOT", tmp_path)
    model = tmp_path / "hooked.sql"
    model.write_text(
        """{{ config(pre_hook="{{ forget(this, 'log(a) > 1') }}") }}\n"""
        """select {{ person_id('concat(a, b)', 'b') }} as person_id from {{ ref('rows') }}\n"""
    )
    assert {finding.rule.name for finding in lint(model)} == {"logarithm", "concat"}


def test_a_message_says_where_what_why_and_what_instead() -> None:
    text = "select\n    a,\n    log(a) as magnitude\nfrom rows\n"
    (finding,) = findings_in(text, "models/some.sql", text)
    assert str(finding) == (
        "models/some.sql:3: LOG(a)\n"
        "    logarithm: log(x) is of base 10 in DuckDB, of e in Spark\n"
        "    Write instead: `ln` or `log10`"
    )


def test_the_page_names_every_macro_and_every_rule() -> None:
    page = (ROOT / "docs/dialect.md").read_text()
    assert len(page.splitlines()) <= 95
    for macro in dialect_macros():
        assert f"| `{macro}(" in page, f"docs/dialect.md lacks {macro}"
    for rule in RULES:
        row = f"| {rule.name} | {rule.differs} | {rule.instead} |"
        assert row in page, f"docs/dialect.md lacks: {row}"
