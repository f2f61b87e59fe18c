"""Answers as Arrow tables, the shape in which dbt takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from trasos.recommender.arrays import Codes
from trasos.recommender.lists import SOURCES, Answers

RECOMMENDATIONS = pa.schema(
    [
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("rule_id", pa.string()),
        pa.field("propensity", pa.float64(), nullable=False),
    ]
)

SIMILAR_ITEMS = pa.schema(
    [
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("similar_product_id", pa.string(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("rule_id", pa.string()),
    ]
)

SESSION_ITEMS = pa.schema(
    [
        pa.field("clicked_product_id", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("rule_id", pa.string()),
    ]
)
"""For a visitor of whom one click is known."""

POPULAR_ITEMS = pa.schema(
    [
        pa.field("department", pa.string()),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("rule_id", pa.string()),
    ]
)
"""For people who mostly shop in a department; null is for everyone."""


def to_table(
    answers: Answers, subject_ids: Any, product_ids: Any, schema: Any, model_version: str
) -> Any:
    """Lay lists out as rows, subject by subject, rank by rank from 1.

    Args:
        answers: lists of codes.
        subject_ids: strings that ``answers.subjects`` points into.
        product_ids: strings that ``answers.items`` points into.
        schema: one of the above; its columns are filled by position, propensity where it is asked
            for: one where nothing was left to chance.
        model_version: stamped on every row.

    Returns:
        A ``pyarrow.Table``.
    """
    n_subjects, n = answers.items.shape
    subjects = np.repeat(answers.subjects, n)
    sources = pa.array(SOURCES).take(pa.array(answers.sources.ravel()))
    columns = [
        subject_ids.take(pa.array(subjects)),
        pa.array(np.tile(np.arange(1, n + 1, dtype=np.int32), n_subjects)),
        product_ids.take(pa.array(answers.items.ravel())),
        pa.array(answers.scores.ravel()),
        sources,
        pa.repeat(pa.scalar(model_version), n_subjects * n),
        pa.array(answers.rule_ids, pa.string()).take(_nullable(answers.rules)),
    ]
    if "propensity" in schema.names:
        certain = np.ones(answers.items.shape)
        propensity = certain if answers.propensity is None else answers.propensity
        columns.append(pa.array(propensity.ravel()))
    return pa.Table.from_arrays(columns, schema=schema)


def _nullable(codes: Codes) -> Any:
    flat = codes.ravel()
    return pa.array(flat, mask=flat < 0)
