"""A half-step of ALS by conjugate gradients: the factors of some rows, the other side's held.

Row u minimises the sum of c_ui (1 - x.y_i)^2 over its pairs, of (x.y_i)^2 over all others, and
s_u |x|^2 (Hu, Koren and Volinsky, ICDM 2008), so it solves

    (Y'Y + s_u I + Z'Z) x = sum_i c_ui y_i,    Z's rows being sqrt(c_ui - 1) y_i of its pairs.

A few steps of conjugate gradients from the last factors come near enough (Takacs, Pilaszy and Tikk,
RecSys 2011). The factors come turned so that Y'Y is diagonal. Two things follow: that part costs k
and not k^2 operations a step, and its inverse is at hand to precondition with, so that three
steps come nearer than three plain ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from trasos.recommender.factors.compiling import kernel

SCRATCH_FLOATS = 1 << 16
"""256 KB, half of a usual second-level cache: holds Z of a row, or a piece of it at a time."""

ABREAST = 4
"""Pairs taken at once, so that what they add to goes to and from memory once for all of them."""


@kernel
def solve_rows(
    first: int,
    last: int,
    starts: Any,
    columns: Any,
    confidences: Any,
    other: Any,
    spectrum: Any,
    strengths: Any,
    steps: int,
    out: Any,
) -> None:
    """Improve the factors of rows first to last - 1 in place; a row's bits hang on itself alone.

    Args:
        first: the first row.
        last: the row after the last.
        starts: int64 of shape (n_rows + 1,), where the pairs of each row begin.
        columns: int32, the other side's row of each pair.
        confidences: float32, of each pair; at least 1.
        other: float32 of shape (n_columns, k), Y, turned so that Y'Y is diagonal.
        spectrum: float32 of shape (k,), that diagonal; above zero.
        strengths: float32 of shape (n_rows,), s; at least 0.
        steps: of conjugate gradients.
        out: float32 of shape (n_rows, k), turned alike: where to start, and the result. Rows
            without pairs become zero.
    """
    k = other.shape[1]
    room = max(ABREAST, SCRATCH_FLOATS // k // ABREAST * ABREAST)
    packed = np.empty((room, k), np.float32)
    diagonal = np.empty(k, np.float32)
    inverse = np.empty(k, np.float32)
    x = np.empty(k, np.float32)
    r = np.empty(k, np.float32)
    p = np.empty(k, np.float32)
    q = np.empty(k, np.float32)
    for row in range(first, last):
        start, stop = starts[row], starts[row + 1]
        for f in range(k):
            diagonal[f] = spectrum[f] + strengths[row]
            inverse[f] = np.float32(1) / diagonal[f]
            x[f] = out[row, f] if start < stop else np.float32(0)
            p[f] = x[f]
            r[f] = 0
        size = np.float32(0)
        # Step 0 takes what is left of the right side with the first x, and follows no direction.
        for step in range(steps + 1 if start < stop else 0):
            along = np.float32(0)
            for f in range(k):
                q[f] = diagonal[f] * p[f]
                along += q[f] * p[f]
            for begin in range(start, stop, room):
                end = min(begin + room, stop)
                if step == 0 or stop - start > room:
                    _pack(columns, confidences, other, begin, end, step == 0, r, packed)
                # Nobody follows the last step's direction: its length is enough.
                along += _multiply(packed, end - begin, p, q, step < steps)
            if step == 0:
                for f in range(k):
                    r[f] -= q[f]
                    p[f] = inverse[f] * r[f]
                    size += r[f] * p[f]
                continue
            if not (size > 0 and along > 0):
                # The first x was the answer.
                break
            length = size / along
            for f in range(k):
                x[f] += length * p[f]
            if step == steps:
                break
            before = size
            size = np.float32(0)
            for f in range(k):
                r[f] -= length * q[f]
                size += r[f] * inverse[f] * r[f]
            share = size / before
            for f in range(k):
                p[f] = inverse[f] * r[f] + share * p[f]
        for f in range(k):
            out[row, f] = x[f]


@kernel
def _pack(
    columns: Any,
    confidences: Any,
    other: Any,
    begin: int,
    end: int,
    add: bool,
    right: Any,
    packed: Any,
) -> None:
    """Copy Z of some pairs, filled up with zeros to a multiple of ``ABREAST``; add c y to right."""
    k = other.shape[1]
    for pair in range(begin, end):
        c, column, place = confidences[pair], columns[pair], pair - begin
        root = np.sqrt(c - np.float32(1))
        c = c if add else np.float32(0)
        for f in range(k):
            y = other[column, f]
            packed[place, f] = root * y
            right[f] += c * y
    for place in range(end - begin, (end - begin + ABREAST - 1) // ABREAST * ABREAST):
        for f in range(k):
            packed[place, f] = 0


@kernel
def _multiply(packed: Any, n: int, p: Any, q: Any, add: bool) -> Any:
    """|Zp|^2 for the n rows of Z packed; adds Z'Zp to q if asked to."""
    k = packed.shape[1]
    total = np.float32(0)
    for j in range(0, n, ABREAST):
        a = b = c = d = np.float32(0)
        for f in range(k):
            a += packed[j, f] * p[f]
            b += packed[j + 1, f] * p[f]
            c += packed[j + 2, f] * p[f]
            d += packed[j + 3, f] * p[f]
        total += (a * a + b * b) + (c * c + d * d)
        if add:
            for f in range(k):
                q[f] += (a * packed[j, f] + b * packed[j + 1, f]) + (
                    c * packed[j + 2, f] + d * packed[j + 3, f]
                )
    return total
