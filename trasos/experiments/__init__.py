"""Experiments on people: who sees what, what came of it, and whether that may be believed.

Experiments on models, which try configurations on past days, are ``trasos.model_runs``. The
functions here are what dbt's Python models call; each takes Arrow tables and answers with one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from trasos.experiments.by_segment import segment_rows
from trasos.experiments.checks import check_rows
from trasos.experiments.daily import daily_rows
from trasos.experiments.params import ReadoutParams
from trasos.experiments.readout import readout_rows
from trasos.experiments.setup import Experiment, read_experiments
from trasos.experiments.tables import CHECKS, DAILY, READOUTS, SEGMENT_ROWS
from trasos.experiments.units import Units, read_units

__all__ = ["checks", "daily", "readouts", "segments"]

Rows = Callable[[Experiment, Units, ReadoutParams], list[Any]]


def readouts(
    persons: Any, experiments: Any, variations: Any, metrics: Any, params: Mapping[str, Any]
) -> Any:
    """Each metric of each experiment, each treatment beside the control.

    Args:
        persons: ``pyarrow.Table`` of fct_experiment_persons.
        experiments: of the seed ``experiments``.
        variations: of the seed ``experiment_variations``.
        metrics: of the seed ``experiment_metrics``.
        params: tunables by name, as ``params.ReadoutParams`` reads them.

    Returns:
        ``pyarrow.Table`` of the schema ``tables.READOUTS``.

    Raises:
        ConfigurationError: a seed or a parameter does not fit.
        InputError: fct_experiment_persons lacks a column.
    """
    return _table(readout_rows, READOUTS, persons, (experiments, variations, metrics), params)


def checks(
    persons: Any, experiments: Any, variations: Any, metrics: Any, params: Mapping[str, Any]
) -> Any:
    """Sample ratio, contamination and A/A; arguments and errors as of ``readouts``.

    Returns:
        ``pyarrow.Table`` of the schema ``tables.CHECKS``.
    """
    return _table(check_rows, CHECKS, persons, (experiments, variations, metrics), params)


def daily(
    persons: Any, experiments: Any, variations: Any, metrics: Any, params: Mapping[str, Any]
) -> Any:
    """What each day would have read; arguments and errors as of ``readouts``.

    Returns:
        ``pyarrow.Table`` of the schema ``tables.DAILY``.
    """
    return _table(daily_rows, DAILY, persons, (experiments, variations, metrics), params)


def segments(
    persons: Any, experiments: Any, variations: Any, metrics: Any, params: Mapping[str, Any]
) -> Any:
    """The primary metric by segment; arguments and errors as of ``readouts``.

    Returns:
        ``pyarrow.Table`` of the schema ``tables.SEGMENT_ROWS``.
    """
    return _table(segment_rows, SEGMENT_ROWS, persons, (experiments, variations, metrics), params)


def _table(
    rows: Rows, schema: Any, persons: Any, seeds: tuple[Any, Any, Any], params: Mapping[str, Any]
) -> Any:
    read = ReadoutParams.from_mapping(params)
    found = [
        row
        for experiment in read_experiments(*seeds)
        for row in rows(experiment, read_units(persons, experiment), read)
    ]
    return pa.Table.from_pylist(found, schema=schema)
