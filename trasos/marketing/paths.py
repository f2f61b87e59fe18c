"""Paths: the channels that a person came by, one after the other, and how that ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from trasos.errors import InputError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Paths:
    """Weighted paths; a path's touches are ``steps[starts[p]:starts[p + 1]]``.

    Attributes:
        channels: names of the channels, in order; a step is an index into them.
        starts: (paths + 1,) int64, where each path begins in ``steps``.
        steps: (touches,) int64, the channel of each touch, path after path.
        conversions: (paths,) float64, how often the path ended with an order.
        nulls: (paths,) float64, how often it ended without one.
        value: (paths,) float64, money of its conversions, in one currency.
    """

    channels: tuple[str, ...]
    starts: Ints
    steps: Ints
    conversions: Floats
    nulls: Floats
    value: Floats

    def __post_init__(self) -> None:
        """Refuse what is no set of paths.

        Raises:
            InputError: a path without a touch, a weight below zero, or one that never happened.
        """
        lengths = np.diff(self.starts)
        if (lengths < 1).any():
            raise InputError(
                f"Path {int(np.argmax(lengths < 1))} has no touch: leave such paths out."
            )
        if (self.conversions < 0).any() or (self.nulls < 0).any():
            raise InputError("Conversions and nulls of paths count something: give none below 0.")
        never = self.conversions + self.nulls == 0
        if never.any():
            raise InputError(
                f"Path {int(np.argmax(never))} has neither conversions nor nulls: it never "
                "happened; leave it out."
            )

    def __len__(self) -> int:
        """How many paths there are."""
        return len(self.conversions)

    @property
    def lengths(self) -> Ints:
        """Touches of each path, (paths,)."""
        return np.diff(self.starts)


def paths_of_texts(
    texts: Sequence[str],
    conversions: Sequence[float],
    nulls: Sequence[float],
    value: Sequence[float] | None = None,
    separator: str = " > ",
) -> Paths:
    """Paths from texts such as ``search > email > direct``, as other tools write them.

    Args:
        texts: one text a path.
        conversions: how often each ended with an order.
        nulls: how often each did not.
        value: money of each path's conversions; 0 where not given.
        separator: what stands between two channels.

    Raises:
        InputError: a path is empty or its weights are not counts.
    """
    parts = [text.split(separator) if text else [] for text in texts]
    channels = tuple(sorted({channel for part in parts for channel in part}))
    code = {channel: number for number, channel in enumerate(channels)}
    lengths = np.array([len(part) for part in parts], dtype=np.int64)
    return Paths(
        channels=channels,
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        steps=np.array([code[channel] for part in parts for channel in part], dtype=np.int64),
        conversions=np.asarray(conversions, dtype=np.float64),
        nulls=np.asarray(nulls, dtype=np.float64),
        value=np.zeros(len(parts)) if value is None else np.asarray(value, dtype=np.float64),
    )


def paths_of_touches(touches: pa.Table) -> Paths:
    """Paths from touches, in any order of rows.

    Args:
        touches: columns ``path_id`` and ``channel`` (text), ``touch_number`` (int, from 1) and
            ``order_id`` (text; null where the path is open).

    Raises:
        InputError: a touch has no channel.
    """
    if touches["channel"].null_count:
        raise InputError(
            "Touches without a channel: give `other` or `direct` to what no rule names."
        )
    rows = touches.sort_by([("path_id", "ascending"), ("touch_number", "ascending")])
    path_ids = rows["path_id"].combine_chunks()
    changed = np.flatnonzero(
        np.asarray(pc.not_equal(path_ids[1:], path_ids[:-1]).fill_null(True)) if len(rows) else []
    )
    begins = np.concatenate([[0], changed + 1]).astype(np.int64) if len(rows) else np.zeros(0, int)
    channels = tuple(sorted(pc.unique(rows["channel"]).to_pylist()))
    codes = pc.index_in(rows["channel"], value_set=pa.array(channels, type=pa.string()))
    converted = np.asarray(rows["order_id"].is_valid())[begins] if len(rows) else np.zeros(0, bool)
    return Paths(
        channels=channels,
        starts=np.concatenate([begins, [len(rows)]]).astype(np.int64),
        steps=np.asarray(codes, dtype=np.int64),
        conversions=converted.astype(np.float64),
        nulls=(~converted).astype(np.float64),
        value=np.zeros(len(begins)),
    )
