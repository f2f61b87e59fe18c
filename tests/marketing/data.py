"""Published paths and answers: the demo data of the package ChannelAttribution."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from trasos.marketing import Paths, paths_of_texts

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / os.environ.get("TRASOS_DATA", "../shared/data")
PUBLISHED = DATA / "channel_attribution"
SPEND = DATA / "marketing_spend"

wants_paths = pytest.mark.skipif(
    not PUBLISHED.exists(), reason=f"channel_attribution is not in TRASOS_DATA ({PUBLISHED})"
)
wants_spend = pytest.mark.skipif(
    not SPEND.exists(), reason=f"marketing_spend is not in TRASOS_DATA ({SPEND})"
)


def published_rows(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (PUBLISHED / name).open(newline="") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))


def published_paths() -> Paths:
    rows = published_rows("Data.csv", ";")
    return paths_of_texts(
        [row["path"] for row in rows],
        [float(row["total_conversions"]) for row in rows],
        [float(row["total_null"]) for row in rows],
        [float(row["total_conversion_value"]) for row in rows],
    )
