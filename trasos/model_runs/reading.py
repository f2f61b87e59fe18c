"""What an experiment starts from: the published data, and the parameters of who serves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from trasos.errors import NotReadyError
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.folders import read_folder
from trasos.recommender.gate import succession
from trasos.recommender.params import RecommenderParams

INTERACTIONS, PRODUCTS = "ftr_interaction_events", "dim_products"


def published_tables(published: Path) -> tuple[Any, Any]:
    """Interactions and products of the newest publication; a build may run meanwhile.

    Args:
        published: the link to the published copy.

    Returns:
        Two tables of ``pyarrow``.

    Raises:
        NotReadyError: nothing is published, or not these tables.
    """
    if not published.exists():
        raise NotReadyError(
            f"Nothing is published at {published}: run `dbt build`, then `trasos publish`."
        )
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            tables = [
                connection.sql(f"from {name}").to_arrow_table() for name in (INTERACTIONS, PRODUCTS)
            ]
    except duckdb.Error as error:
        raise NotReadyError(
            f"{published} cannot be read for {INTERACTIONS} and {PRODUCTS}: {error}. Run `dbt "
            "build`, then `trasos publish`."
        ) from error
    return tables[0], tables[1]


def published_data(published: Path) -> tuple[InteractionLog, Catalogue]:
    """The same, checked and encoded.

    Raises:
        NotReadyError: as ``published_tables``.
        InputError: a table is not what it should be.
    """
    interactions, products = published_tables(published)
    catalogue = Catalogue.from_arrow(products)
    return InteractionLog.from_arrow(interactions, catalogue), catalogue


def base_params(artefacts: Path) -> tuple[RecommenderParams, str | None]:
    """The parameters of the champion, and its name; the defaults and None where nobody serves.

    Raises:
        InputError: the champion's file or artefact is damaged.
        NotReadyError: its artefact is gone.
    """
    champion = succession(artefacts).champion
    if champion is None:
        return RecommenderParams(), None
    _, manifest = read_folder(artefacts / champion)
    return RecommenderParams.from_mapping(manifest["parameters"]), champion


def changes(params: RecommenderParams, base: RecommenderParams) -> dict[str, Any]:
    """Parameters that differ, name to value."""
    ours, theirs = json.loads(params.to_json()), json.loads(base.to_json())
    return {name: value for name, value in ours.items() if value != theirs[name]}
