"""The rentals of Rent the Runway: who took what in which size, and what was said with it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trasos.errors import InputError
from trasos.recommender.arrays import Codes
from trasos.recommender.content.attributes import codes_of
from trasos.recommender.data import Catalogue, InteractionLog

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TRASOS_DATA") or ROOT.parent / "shared/data") / "rent_the_runway"

PARTITIONS, FOLDS, SEED = 3, 5, 11

EDGES = {
    "age": ("age", (15, 22, 26, 30, 34, 38, 44, 52, 80)),
    "height": ("height_in", (50, 62, 64, 66, 68, 70, 90)),
    "weight": ("weight_lbs", (50, 116, 126, 136, 146, 161, 181, 500)),
}


@dataclass(frozen=True)
class Rentals:
    """The data set.

    Attributes:
        log: rentals; each is a session of its own, whose code is its row in the file.
        catalogue: dresses.
        category: int32 (n_products,).
        fold: int32 (n_partitions, n_products), which fifth each dress belongs to.
        said: by name what was said with each row of the file: int32 codes, -1 for nothing.
    """

    log: InteractionLog
    catalogue: Catalogue
    category: Codes
    fold: Codes
    said: dict[str, Codes]


def said_of(rows: Any) -> dict[str, Codes]:
    """Size, occasion and what persons say of themselves, as codes; no fit and no rating."""
    said = {
        name: codes_of(rows[column].cast(pa.string()).combine_chunks())
        for name, column in (("size", "size"), ("occasion", "rented_for"), ("body", "body_type"))
    }
    for name, (column, edges) in EDGES.items():
        values = np.asarray(rows[column].cast(pa.float64()).fill_null(np.nan).to_numpy())
        band = np.digitize(values, edges) - 1
        is_within = (values >= edges[0]) & (values < edges[-1])
        said[name] = np.where(is_within, band, -1).astype(np.int32)
    return said


def read(folder: Path) -> Rentals:
    """Read the rentals; a dress' category is the one that most of its rows name.

    Raises:
        InputError: the file is not there.
    """
    path = folder / "cleandata.parquet"
    if not path.exists():
        raise InputError(f"{path} is not there: set TRASOS_DATA to the folder of the data sets.")
    rows = pq.read_table(path)
    item = rows["item_id"].cast(pa.string()).combine_chunks()
    counted = (
        pa.table({"item": item, "category": rows["category"].cast(pa.string()).combine_chunks()})
        .group_by(["item", "category"])
        .aggregate([([], "count_all")])
        .sort_by([("count_all", "descending"), ("category", "ascending")])
        .group_by("item", use_threads=False)
        .aggregate([("category", "first")])
    )
    n = counted.num_rows
    catalogue = Catalogue.from_arrow(
        pa.table(
            {
                "product_id": counted["item"],
                "department": counted["category_first"],
                "category": counted["category_first"],
                "brand": pa.nulls(n, pa.string()),
                "launched_at": pa.nulls(n, pa.timestamp("s")),
                "is_on_sale": pa.array(np.ones(n, np.bool_)),
                "price": pa.nulls(n, pa.float64()),
            }
        )
    )
    log = InteractionLog.from_arrow(
        pa.table(
            {
                "person_id": rows["user_id"].cast(pa.string()),
                "product_id": item,
                # A session a row, so that each rental leads back to what was said with it.
                "session_id": [f"{row:09d}" for row in range(rows.num_rows)],
                "event_type": pa.repeat("rented", rows.num_rows),
                "event_at": rows["review_date"],
                "weight": pa.array(np.ones(rows.num_rows)),
            }
        ),
        catalogue,
    )
    of_item = pc.index_in(catalogue.product_ids, value_set=counted["item"].combine_chunks())
    category = codes_of(counted["category_first"].combine_chunks())[of_item.to_numpy()]
    rng = np.random.default_rng(SEED)
    fold = np.stack([rng.permutation(catalogue.n_products) % FOLDS for _ in range(PARTITIONS)])
    return Rentals(log, catalogue, category, fold.astype(np.int32), said_of(rows))
