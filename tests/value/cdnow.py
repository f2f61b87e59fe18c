"""CDNOW: the purchases that the literature on customers' value is checked against."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import numpy as np

from trasos.value.purchases import Purchases, from_log

ROOT = Path(__file__).resolve().parents[2]
CDNOW = ROOT / os.environ.get("TRASOS_DATA", "../shared/data") / "cdnow"
NOT_THERE = f"cdnow is not in TRASOS_DATA ({CDNOW}): set it to the folder of the data sets"
END = date(1997, 9, 30)
LAST = date(1998, 6, 30)


def days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def log() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customer, day and money of each purchase."""
    with (CDNOW / "cdnowElog.csv").open() as file:
        rows = list(csv.DictReader(file))
    return (
        np.array([int(row["sampleid"]) for row in rows]),
        np.array([days(date.fromisoformat(row["date"])) for row in rows]),
        np.array([float(row["sales"]) for row in rows]),
    )


def published() -> dict[str, np.ndarray]:
    """The summary that `lifetimes` ships: x, t_x, T and zbar by ID, in weeks."""
    with (CDNOW / "expected_cdnow_customers_summary_with_transactions.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def weeks(purchases: Purchases) -> Purchases:
    """From days."""
    return Purchases(purchases.frequency, purchases.recency / 7, purchases.age / 7, purchases.value)


def summary() -> Purchases:
    """Of all customers until the end of the published calibration, in weeks."""
    return weeks(from_log(*log(), days(END))[1])
