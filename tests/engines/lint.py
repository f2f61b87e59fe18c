"""Refuses SQL that runs on both engines and means something else on each.

What one engine refuses shows when it is built there; what both run and answer differently shows
nowhere. So each model is parsed, its macros expanded but for those of macros/dialect: these stand
in it as functions that say nothing of themselves, since what they hold is for one engine. The
compiled SQL of a target would not do (a model's `date_trunc` cannot be told from a dialect macro's
there), nor the file's text (a macro outside macros/dialect brings SQL along). Types come from the
contracts beside the models; where none is known, a rule that asks for one lets the expression be.

Run by itself it lints everything: `python -m tests.engines.lint`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlglot
import yaml
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.tokens import TokenType

from tests.engines.macros import ROOT
from tests.engines.placeholders import Placeholders
from tests.engines.rules import RULES, Rule

# The types of Spark's words, and of DuckDB's, for sqlglot.
WORDS = {"string": "varchar", "hugeint": "decimal(38, 0)"}


@dataclass(frozen=True)
class Finding:
    """An expression that a rule refuses."""

    file: str
    line: int | None
    expression: str
    rule: Rule

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return (
            f"{where}: {self.expression}\n    {self.rule.name}: {self.rule.differs}\n"
            f"    Write instead: {self.rule.instead}"
        )


@dataclass(frozen=True)
class Contracts:
    """What the YAML beside models, seeds and sources says of columns.

    Attributes:
        types: relation, column, type.
        never_null: names of columns of which a contract says `not_null`, somewhere.
    """

    types: dict[str, dict[str, str]]
    never_null: frozenset[str]


@cache
def contracts() -> Contracts:
    """Reads the contracts, once."""
    types: dict[str, dict[str, str]] = {}
    never_null = set()
    for file in [*(ROOT / "models").rglob("*.yml"), *(ROOT / "seeds").rglob("*.yml")]:
        # The loader in C: there are many.
        content = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
        tables = [
            (one["name"], one) for kind in ("models", "seeds") for one in content.get(kind, [])
        ]
        for source in content.get("sources", []):
            tables += [(f"{source['name']}__{one['name']}", one) for one in source["tables"]]
        for name, entry in tables:
            columns = entry.get("columns", [])
            held = {one["name"]: one["data_type"] for one in columns if "data_type" in one}
            held |= entry.get("config", {}).get("column_types", {})
            if held:
                types[name] = {key: WORDS.get(type_, type_) for key, type_ in held.items()}
            never_null |= {
                one["name"] for one in columns if "not_null" in one.get("data_tests", [])
            }
    return Contracts(types, frozenset(never_null))


class _NullsSmall(DuckDB):
    NULL_ORDERING = "nulls_are_small"


def typed(sql: str) -> list[exp.Expression]:
    """The statements of an SQL text, with types as far as they can be known.

    Raises:
        SqlglotError: the text does not parse.
    """
    statements = []
    # An order that says nothing of NULL is read in two ways where defaults differ.
    pairs = zip(
        sqlglot.parse(sql, read="duckdb"), sqlglot.parse(sql, read=_NullsSmall), strict=True
    )
    for statement, other in pairs:
        if statement is None or other is None:
            continue
        orders = zip(statement.find_all(exp.Ordered), other.find_all(exp.Ordered), strict=True)
        for one, two in orders:
            one.meta["says_nulls"] = one.args["nulls_first"] == two.args["nulls_first"]
            one.meta["never_null"] = (
                isinstance(one.this, exp.Column) and one.this.name in contracts().never_null
            )
        if isinstance(statement, exp.Query):
            statement = _qualified(statement)
        statements.append(annotate_types(statement, schema=contracts().types, dialect="duckdb"))
    return statements


def _qualified(statement: exp.Query) -> exp.Expression:
    """The statement with each column's table, as far as contracts know the tables' columns."""
    try:
        return qualify(
            statement.copy(),
            schema=contracts().types,
            dialect="duckdb",
            validate_qualify_columns=False,
            quote_identifiers=False,
            identify=False,
        )
    except OptimizeError:
        # A column could be of several tables that no contract describes: its type stays unknown.
        return statement


def findings_in(sql: str, file: str, text: str = "") -> Iterator[Finding]:
    """What the rules refuse in an SQL text.

    Args:
        sql: the text, with macros expanded.
        file: where it comes from, for messages.
        text: that file's text, to look lines up in.
    """
    tokens = sqlglot.tokenize(sql, read="duckdb")
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.token_type is TokenType.STRING:
            continue
        is_call = after is not None and after.text == "("
        for rule in RULES:
            if rule.refuses_token(token.text, is_call):
                shown = token.text + ("(…)" if is_call else "")
                yield Finding(file, _line(token.text, text), shown, rule)
    for statement in typed(sql):
        for node in statement.walk():
            for rule in RULES:
                if rule.refuses and rule.refuses(node):
                    shown = node.sql(dialect="duckdb")
                    yield Finding(file, _line(shown, text), shown[:160], rule)


def _line(expression: str, text: str) -> int | None:
    """The one line of a file that has the word that an expression begins with."""
    begin = re.match(r"[\w\\:'.]+", expression)
    if begin is None:
        return None
    lines = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if begin[0].lower() in line.lower().split("--")[0]
    ]
    return lines[0] if len(lines) == 1 else None


def linted_files() -> list[Path]:
    """All models, and the tests in SQL."""
    return sorted([*(ROOT / "models").rglob("*.sql"), *(ROOT / "tests/dbt").rglob("*.sql")])


@cache
def _placeholders() -> Placeholders:
    return Placeholders()


def lint(file: Path) -> list[Finding]:
    """What is refused in a model, a singular test or a generic test."""
    placeholders = _placeholders()
    name, text = str(file.relative_to(ROOT)), file.read_text()
    if file.parent.name == "generic":
        placeholders.load([file])
        sample = {"columns": ["a", "b"], "column_name": "a", "min_value": 0, "max_value": 1}
        wanted = re.findall(r"\w+", text[text.index("{% test") : text.index(") %}")])[2:]
        given = {key: sample[key] for key in wanted if key in sample}
        statements = [placeholders.held[file.stem]("some_model", **given)]
    else:
        runs = (placeholders.sql_of(file, incremental=again) for again in (False, True))
        statements = list(dict.fromkeys(sql for run in runs for sql in run))
    found = {
        str(finding): finding for sql in statements for finding in findings_in(sql, name, text)
    }
    return list(found.values())


if __name__ == "__main__":
    refused = [finding for file in linted_files() for finding in lint(file)]
    print("\n".join(map(str, refused)) or "Nothing that two engines would answer differently.")
    sys.exit(bool(refused))
