"""Sessions as arrays: finished ones to learn from, running ones to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Flags

Places = NDArray[np.int64]
"""Positions in another array."""


@dataclass(frozen=True)
class Clicks:
    """Sessions in the order in which they ended, each with its products in the order of clicks.

    A click on the product that is on screen already (a view, then an addition to the cart) is no
    new click. Two clicks of one moment stand by product; two sessions that end at one moment, by
    their names. The same rows in any order therefore give the same clicks.

    Attributes:
        starts: int64 of shape (n_sessions + 1,); session s is ``product[starts[s]:starts[s + 1]]``.
        product: int32 codes; -1 is a product outside the catalogue.
        n_products: products of the catalogue.
    """

    starts: Places
    product: Codes
    n_products: int

    @property
    def n_sessions(self) -> int:
        """Number of sessions."""
        return len(self.starts) - 1

    @property
    def session(self) -> Places:
        """The session of each click; int64 of shape (n_clicks,)."""
        return np.repeat(np.arange(self.n_sessions), np.diff(self.starts))

    @classmethod
    def from_arrays(cls, session: Any, product: Any, at: Any, n_products: int) -> Clicks:
        """Sort rows into sessions.

        Args:
            session: what tells sessions apart, shape (n,), any type that sorts.
            product: whole numbers from 0 to ``n_products`` - 1, or -1 for a product outside the
                catalogue; shape (n,).
            at: moment of each click, in seconds or anything that sorts; shape (n,).
            n_products: products of the catalogue.

        Raises:
            InputError: arrays of several lengths, a product out of range, a moment that is none.
        """
        session, product, at = np.asarray(session), np.asarray(product), np.asarray(at)
        if not session.shape == product.shape == at.shape or session.ndim != 1:
            raise InputError(
                f"Clicks: session, product and at have shapes {session.shape}, {product.shape} "
                f"and {at.shape}; one entry a click is wanted of each."
            )
        if not np.isfinite(at).all():
            raise InputError("Clicks: at holds a moment that is none: leave such rows out.")
        product = checked(product, n_products)
        _, name = np.unique(session, return_inverse=True)
        ended_at = at[:0]
        if len(at):
            by_name = np.lexsort((at, name))
            last = np.flatnonzero(np.diff(name[by_name], append=-1))
            ended_at = at[by_name][last]
        order = np.lexsort((product, at, name, ended_at[name]))
        name, product = name[order], product[order]
        is_new = np.ones(len(name), np.bool_)
        is_new[1:] = (name[1:] != name[:-1]) | (product[1:] != product[:-1])
        name, product = name[is_new], product[is_new]
        begins = np.flatnonzero(np.diff(name, prepend=-1))
        return cls(np.append(begins, len(name)), product, n_products)


@dataclass(frozen=True)
class Running:
    """Sessions that go on: the distinct products of each, by their latest clicks, latest first.

    Attributes:
        row: int64, the session of each product, from 0; rising.
        product: int32 codes; -1 is a product outside the catalogue.
        recency: int64, distinct products clicked since: 0 is the product on screen.
        n_rows: number of sessions; one without clicks has no entries.
        n_products: products of the catalogue.
    """

    row: Places
    product: Codes
    recency: Places
    n_rows: int
    n_products: int

    @classmethod
    def of(cls, row: Places, product: Codes, n_rows: int, n_products: int) -> Running:
        """Reduce clicks in the order of time.

        Args:
            row: session of each click, rising.
            product: codes of the clicks.
            n_rows: number of sessions.
            n_products: products of the catalogue.
        """
        backward, row = product[::-1], row[::-1]
        _, latest = np.unique(row * (n_products + 1) + backward, return_index=True)
        row, backward = row[latest], backward[latest]
        order = np.lexsort((latest, row))
        row = row[order]
        return cls(row, backward[order], place_in_group(row), n_rows, n_products)

    @classmethod
    def from_clicks(cls, clicks: Sequence[int] | Codes, n_products: int) -> Running:
        """One session.

        Args:
            clicks: product codes in the order of time; none for a visitor who has just come.
            n_products: products of the catalogue.

        Raises:
            InputError: a product out of range.
        """
        product = checked(np.asarray(clicks, np.int64), n_products)
        return cls.of(np.zeros(len(product), np.int64), product, 1, n_products)


def checked(product: Any, n_products: int) -> Codes:
    """Products as int32 codes.

    Raises:
        InputError: one is no whole number from -1 to ``n_products`` - 1.
    """
    whole: Flags = np.asarray((product >= -1) & (product < n_products) & (product % 1 == 0))
    if not whole.all():
        raise InputError(
            f"Clicks: product {product[~whole][0]} is no code of a catalogue of {n_products:,}: "
            "whole numbers from 0 are wanted, or -1 for a product outside it."
        )
    return np.asarray(product, np.int32)


def ranges(begins: Places, lengths: Places) -> tuple[Places, Places]:
    """Many runs of positions, one behind the other.

    Args:
        begins: first position of each run.
        lengths: length of each run.

    Returns:
        The run that each position belongs to, and the position.
    """
    owner = np.repeat(np.arange(len(begins)), lengths)
    return owner, np.arange(len(owner)) + np.repeat(begins - np.cumsum(lengths) + lengths, lengths)


def place_in_group(group: Places) -> Places:
    """Counts 0, 1, ... anew in each group of sorted numbers."""
    return np.asarray(np.arange(len(group)) - np.searchsorted(group, group), np.int64)
