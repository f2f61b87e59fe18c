"""Taking personal data out of the columns of Parquet and CSV files, in SQL of DuckDB.

The hash is a function of Python that the query calls: the key never stands in a query.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from duckdb import DuckDBPyConnection
from duckdb.func import FunctionNullHandling
from duckdb.sqltypes import VARCHAR, DuckDBPyType

from trasos.landing.personal import Scrubber
from trasos.landing.pseudonyms import ELSEWHERE, IN_CONTEXT, IN_PROPERTIES, IN_TRAITS, Rule
from trasos.landing.schema import TEXT_COLUMNS

#: Columns of event files that hold objects of the envelope, and the rules for what is in them.
ENVELOPE = {
    "properties": IN_PROPERTIES,
    "context": IN_CONTEXT,
    "traits": IN_TRAITS,
    "extra": ELSEWHERE,
}

_LANDED_AS_TEXT = frozenset({*TEXT_COLUMNS.values(), *ENVELOPE})
#: DuckDB's types that no text can be read beside.
_NESTED = frozenset({"struct", "list", "array", "map", "union"})
_BYTES = frozenset({"blob", "bit"})


def clean_columns(
    connection: DuckDBPyConnection, reader: str, scrubber: Scrubber, events: bool = False
) -> str:
    """Say how to read a file without its personal data.

    Every column stays, so that staging finds it: a dropped one holds NULL of its own type, a
    hashed one VARCHAR. Fields of structs are treated like columns. A list or a map is dropped
    whole if it is named so or lies within ``traits``; as an object of the envelope it becomes JSON
    text, which can be looked into; and else it is kept.

    Args:
        connection: where the query is to run; it learns the functions that the query calls.
        reader: call of a DuckDB reader, such as ``read_parquet('…')``.
        scrubber: makes the hashes.
        events: the columns of ``ENVELOPE`` are objects of the envelope, structs or JSON text.

    Returns:
        ``replace (…)``, to follow ``select *``; empty where no column is personal.
    """
    relation = connection.sql(f"from {reader}")
    cleaner = _Cleaner(connection, scrubber)
    replaced = []
    for name, kind in zip(relation.columns, relation.types, strict=True):
        column = identifier(name)
        if events and name.lower() in ENVELOPE:
            clean = cleaner.envelope(column, name.lower(), kind)
        else:
            clean = cleaner.field(column, name, kind, ELSEWHERE)
        if clean:
            replaced.append(f"{clean} as {column}")
    return f"replace ({', '.join(replaced)})" if replaced else ""


def as_text(connection: DuckDBPyConnection, relation: str) -> str:
    """Say how to read a relation so that its envelope fits beside what JSON lines land as.

    One file with another type turns a column of all files that are read together, or stops the
    reading. Objects and lists in a column of the envelope therefore become JSON text, and bytes
    text. Where the file has a ``message_id``, and so is in the envelope, every column of the
    envelope becomes text; in any other one, a number or a moment stays as it is.

    Args:
        connection: where the relation is to be had.
        relation: a table or a query in parentheses.

    Returns:
        ``replace (…)``, to follow ``select *``; empty where there is nothing to turn.
    """
    found = connection.sql(f"from {relation}")
    in_envelope = "message_id" in (name.lower() for name in found.columns)
    replaced = []
    for name, kind in zip(found.columns, found.types, strict=True):
        column = identifier(name)
        if name.lower() not in _LANDED_AS_TEXT or kind.id == "varchar":
            continue
        if kind.id in _NESTED:
            replaced.append(f"cast(to_json({column}) as varchar) as {column}")
        elif in_envelope or kind.id in _BYTES:
            replaced.append(f"cast({column} as varchar) as {column}")
    return f"replace ({', '.join(replaced)})" if replaced else ""


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


class _Cleaner:
    """Writes expressions, and teaches a connection the functions in them.

    An expression is None where the field may land as it is.
    """

    def __init__(self, connection: DuckDBPyConnection, scrubber: Scrubber) -> None:
        self._connection, self._scrubber = connection, scrubber
        self._known: set[str] = set()

    def field(self, value: str, name: str, kind: DuckDBPyType, rule: Rule) -> str | None:
        """Clean one column or one field of a struct, by its name."""
        verdict = rule.verdict(name)
        if verdict == "drop" or (rule is IN_TRAITS and kind.id in ("list", "array", "map")):
            return _null_for(value)
        if verdict == "hash":
            # Asked also where no key is set: it then notes that one was needed.
            self._learn("pseudonym", self._scrubber.hashed)
            return f"pseudonym(cast({value} as varchar))"
        return self._struct(value, kind, rule) if rule.deep else None

    def envelope(self, value: str, name: str, kind: DuckDBPyType) -> str | None:
        """Clean an object of the envelope: a struct, a map or a list, or JSON text."""
        if name != "traits" and kind.id in _NESTED - {"struct"}:
            value, kind = f"to_json({value})", VARCHAR
        if kind.id == "varchar":
            function = f"clean_{name}"
            self._learn(function, partial(self._scrubber.text, name))
            return f"{function}(cast({value} as varchar))"
        if kind.id == "struct" or name != "traits":
            return self._struct(value, kind, ENVELOPE[name])
        return _null_for(value)

    def _struct(self, value: str, kind: DuckDBPyType, rule: Rule) -> str | None:
        if kind.id != "struct":
            return None
        cleaned, fields = False, []
        for name, child in kind.children:
            assert isinstance(child, DuckDBPyType)  # a struct has no other children
            inner = f"struct_extract({value}, {literal(name)})"
            if rule is IN_CONTEXT and name == "traits":
                clean = self.envelope(inner, name, child)
            else:
                clean = self.field(inner, name, child, rule)
            cleaned |= clean is not None
            fields.append(f"{identifier(name)} := {clean or inner}")
        if not cleaned:
            return None
        return f"case when {value} is not null then struct_pack({', '.join(fields)}) end"

    def _learn(self, function: str, work: Callable[[str], str | None]) -> None:
        if function in self._known:
            return
        self._known.add(function)
        self._connection.create_function(
            function,
            lambda text: None if text is None else work(text),
            [VARCHAR],
            VARCHAR,
            null_handling=FunctionNullHandling.SPECIAL,
        )


def _null_for(value: str) -> str:
    """Write a NULL of the type of ``value``, which need not be named so."""
    return f"case when false then {value} end"
