"""Running the SQL of a question on the published copy, and laying out what it gives."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import duckdb
from rich.markup import escape
from rich.table import Table

from trasos.errors import InputError, NotReadyError


@dataclass(frozen=True)
class Answer:
    """Rows of a question.

    Attributes:
        columns: names.
        rows: values, in the order of the columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def table(self) -> Table:
        """Lay the rows out for a terminal."""
        table = Table()
        for number, name in enumerate(self.columns):
            is_number = any(isinstance(row[number], int | float | Decimal) for row in self.rows)
            table.add_column(escape(name), justify="right" if is_number else "left")
        for row in self.rows:
            table.add_row(*(escape(_told(value)) for value in row))
        return table

    def write_csv(self, file: TextIO) -> None:
        """Write the rows with a head, values in full."""
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)


def ask(published: Path, sql: str) -> Answer:
    """Run one statement on the published copy.

    Raises:
        NotReadyError: nothing is published yet.
        InputError: the copy lacks a table, or the statement is wrong.
    """
    if not published.exists():
        raise NotReadyError(
            f"Nothing is published at {published}. Run `make demo`, or `dbt build` and then "
            "`trasos publish`."
        )
    with duckdb.connect(str(published), read_only=True) as connection:
        try:
            result = connection.execute(sql)
            rows = result.fetchall()
        except (duckdb.BinderException, duckdb.ParserException) as error:
            # MetricFlow passes on as it is what it finds in a condition.
            raise InputError(
                f"The question cannot be read: {error} Check --where: `trasos metrics list METRIC` "
                "names the dimensions, and a condition is written as "
                "{{ Dimension('session__channel') }} = 'email'. Where there is none, the published "
                "copy is older than the models: publish again after `dbt build`."
            ) from error
        except duckdb.Error as error:
            raise InputError(
                f"The published copy cannot answer: {error} Publish again after `dbt build`."
            ) from error
        return Answer(tuple(column[0] for column in result.description or ()), tuple(rows))


def _told(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.4f}"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:,}"
    # A day is a moment without a time of day.
    return str(value).removesuffix(" 00:00:00")
