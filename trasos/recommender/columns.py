"""Columns of Arrow tables from outside, checked and turned into arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from trasos.errors import InputError
from trasos.recommender.arrays import Doubles, Flags, Moments


class Columns:
    """The columns of one table by name; every complaint names table and column.

    Args:
        table: an Arrow table, or a reader of record batches as DuckDB hands it over.
        name: how messages call the table.

    Raises:
        InputError: the table has no rows, or a column asked for is missing, of another type, or
            holds nulls.
    """

    def __init__(self, table: Any, name: str) -> None:
        self._table = table.read_all() if isinstance(table, pa.RecordBatchReader) else table
        self._name = name
        if not isinstance(self._table, pa.Table):
            raise InputError(
                f"{name} is a {type(table).__name__}: hand over a pyarrow.Table, "
                "in dbt models dbt.ref(...).to_arrow_table()."
            )
        if self._table.num_rows == 0:
            raise InputError(
                f"{name} holds no rows: land events and build the models before it first."
            )

    def texts(self, column: str, *, nulls: bool = False) -> Any:
        """A column of text as one ``pa.Array`` of strings.

        Args:
            column: name of the column.
            nulls: whether nulls may stand in it.
        """
        return self._read(column, "text", _is_text, pa.string(), nulls)

    def numbers(self, column: str) -> Doubles:
        """A column of numbers as float64; nulls become nan."""
        values = self._read(column, "a number", _is_number, pa.float64(), True)
        return np.asarray(values.fill_null(np.nan).to_numpy(zero_copy_only=False), np.float64)

    def whole_numbers(self, column: str) -> Any:
        """A column of whole numbers as int64, to the last bit."""
        values = self._read(column, "a whole number", pt.is_integer, pa.int64(), False)
        return np.asarray(values.to_numpy(zero_copy_only=False), np.int64)

    def flags(self, column: str) -> Flags:
        """A column of booleans; null counts as false."""
        values = self._read(column, "a boolean", pt.is_boolean, pa.bool_(), True)
        return np.asarray(values.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)

    def moments(self, column: str, *, null: int | None = None) -> Moments:
        """A column of UTC timestamps as whole seconds since 1970.

        Args:
            column: name of the column.
            null: what stands for null; without it nulls are an error.
        """
        values = self._read(column, "a timestamp (UTC)", _is_utc, None, null is not None)
        seconds = pc.floor_temporal(values, unit="second").cast(pa.timestamp("s")).cast(pa.int64())
        if null is not None:
            seconds = seconds.fill_null(null)
        return np.asarray(seconds.to_numpy(zero_copy_only=False), np.int64)

    def _read(
        self,
        column: str,
        wanted: str,
        fits: Callable[[Any], bool],
        cast: Any | None,
        nulls: bool,
    ) -> Any:
        if column not in self._table.column_names:
            raise InputError(
                f"{self._name} has no column {column}; it has "
                f"{', '.join(self._table.column_names)}."
            )
        values = self._table.column(column).combine_chunks()
        if isinstance(values, pa.ChunkedArray):
            values = pa.concat_arrays(values.chunks)
        if pt.is_dictionary(values.type):
            values = values.dictionary_decode()
        if not fits(values.type) and not (nulls and pt.is_null(values.type)):
            raise InputError(f"{self._name}.{column} is {values.type}: it must be {wanted}.")
        if values.null_count and not nulls:
            raise InputError(
                f"{self._name}.{column} is null in {values.null_count:,} of {len(values):,} rows: "
                "filter them out in the model that hands the table over."
            )
        if pt.is_null(values.type) and cast is None:
            return values.cast(pa.timestamp("s"))
        return values if cast is None else values.cast(cast)


def _is_text(kind: Any) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _is_number(kind: Any) -> bool:
    return bool(pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind))


def _is_utc(kind: Any) -> bool:
    """Arrow keeps a timestamp with a zone as its UTC moment, so any zone reads rightly."""
    return bool(pt.is_timestamp(kind))
