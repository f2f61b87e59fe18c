"""What the dbt Python models call: tables in, tables with fixed schemas out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trasos.marketing.channel_test import channel_test
from trasos.marketing.markov import markov_effects
from trasos.marketing.paths import paths_of_touches
from trasos.marketing.shapley import shapley_conversions

CHANNEL_EFFECTS = pa.schema(
    [
        ("channel", pa.string()),
        ("markov_order", pa.int32()),
        ("n_paths", pa.int64()),
        ("n_conversions", pa.int64()),
        ("n_channel_paths", pa.int64()),
        ("n_channel_conversions", pa.int64()),
        ("conversion_rate", pa.float64()),
        ("conversion_rate_without", pa.float64()),
        ("removal_effect_share", pa.float64()),
        ("markov_share", pa.float64()),
        ("shapley_share", pa.float64()),
        ("status", pa.string()),
    ]
)

CHANNEL_TESTS = pa.schema(
    [
        ("method", pa.string()),
        ("statistic", pa.float64()),
        ("degrees_of_freedom", pa.int32()),
        ("p_value", pa.float64()),
        ("cramers_v", pa.float64()),
        ("n_sessions", pa.int64()),
        ("n_persons", pa.int64()),
        ("n_channels", pa.int32()),
        ("status", pa.string()),
    ]
)


def channel_effects(touches: pa.Table, params: Mapping[str, Any]) -> pa.Table:
    """Removal effects and Shapley values of all channels over all paths, those without order too.

    Args:
        touches: rows of ``fct_touchpoints``.
        params: ``markov_order``, how many of the last channels the chain remembers.

    Returns:
        A row a channel (``CHANNEL_EFFECTS``); none where there are no touches. Where no path
        ends with an order the effects are null and ``status`` says so.
    """
    if not len(touches):
        return CHANNEL_EFFECTS.empty_table()
    paths = paths_of_touches(touches)
    order = int(params["markov_order"])
    effects = markov_effects(paths, order)
    conversions = paths.conversions.sum()
    path = np.repeat(np.arange(len(paths)), paths.lengths)
    on_path = np.unique(np.stack([paths.steps, path], axis=1), axis=0)
    count = len(paths.channels)
    status = "estimated" if conversions else "no conversions"
    shapley = shapley_conversions(paths) / (conversions or np.nan)
    return pa.table(
        {
            "channel": list(paths.channels),
            "markov_order": [order] * count,
            "n_paths": [len(paths)] * count,
            "n_conversions": [int(conversions)] * count,
            "n_channel_paths": np.bincount(on_path[:, 0], minlength=count),
            "n_channel_conversions": np.bincount(
                on_path[:, 0], weights=paths.conversions[on_path[:, 1]], minlength=count
            ).astype(np.int64),
            "conversion_rate": [effects.conversion_probability] * count,
            "conversion_rate_without": effects.without,
            "removal_effect_share": _nullable(effects.removal_effect),
            "markov_share": _nullable(effects.share),
            "shapley_share": _nullable(shapley),
            "status": [status] * count,
        },
        schema=CHANNEL_EFFECTS,
    )


def channel_tests(sessions: pa.Table) -> pa.Table:
    """Test whether channels' visits order equally often, in two ways.

    Args:
        sessions: rows of ``fct_sessions``; ``channel``, ``person_id`` and ``has_order`` are read.

    Returns:
        A row a method (``CHANNEL_TESTS``); null figures where ``status`` is not ``tested``.
    """
    done = channel_test(
        _codes(sessions["channel"]), _codes(sessions["person_id"]), _flags(sessions["has_order"])
    )
    common = {
        "degrees_of_freedom": done.degrees_of_freedom or None,
        "cramers_v": done.cramers_v,
        "n_sessions": done.n_sessions,
        "n_persons": done.n_persons,
        "n_channels": done.n_channels,
        "status": done.status,
    }
    rows = [
        {"method": "chi_square", "statistic": done.chi_square, "p_value": done.chi_square_p},
        {"method": "wald_by_person", "statistic": done.wald, "p_value": done.wald_p},
    ]
    clean = [{key: _null_if_nan(value) for key, value in (row | common).items()} for row in rows]
    return pa.Table.from_pylist(clean, schema=CHANNEL_TESTS)


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    """A number for each different text, in the order of texts."""
    names = pc.unique(column).sort()
    return np.asarray(pc.index_in(column, value_set=names), dtype=np.int64)


def _flags(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.fill_null(False), dtype=bool)


def _nullable(values: np.ndarray) -> pa.Array:
    return pa.array(values, type=pa.float64(), from_pandas=True)


def _null_if_nan(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
