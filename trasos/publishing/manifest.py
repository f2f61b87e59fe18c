"""Which tables are to be published, as the models say themselves (``meta: {published: true}``).

dbt writes what it knows of the project into ``target/manifest.json``; it is read as plain JSON, so
that the library does not depend on dbt.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from trasos.errors import InputError, NotReadyError
from trasos.metrics import SavedQuery, SemanticLayer
from trasos.publishing.copying import COPY


def published_tables(manifest: Path) -> list[str]:
    """List the tables of the models that are marked as published, by name.

    Args:
        manifest: dbt's ``target/manifest.json``.

    Raises:
        NotReadyError: the file is missing, or no model is marked.
        InputError: the file is not dbt's.
    """
    if not manifest.is_file():
        raise NotReadyError(
            f"There is no {manifest}, which says what is to be published. Run `dbt build` first, "
            "or name the file with --manifest."
        )
    try:
        nodes = orjson.loads(manifest.read_bytes())["nodes"].values()
        models = [node for node in nodes if node["resource_type"] == "model"]
        names = [
            node["alias"]
            for node in models
            if node["config"].get("meta", {}).get("published") is True
        ]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{manifest} is no manifest of dbt. Run `dbt build` anew.") from error
    if not names:
        raise NotReadyError(
            f"No model in {manifest} is marked as published. Set `config: {{meta: {{published: "
            "true}}` for the tables that readers want, and run `dbt build`."
        )
    return sorted(names)


def published_answers(manifest: Path) -> list[SavedQuery]:
    """The saved queries of the semantic layer, which stands beside dbt's manifest.

    Args:
        manifest: dbt's ``target/manifest.json``.

    Raises:
        NotReadyError: there is no ``semantic_manifest.json`` beside it.
        InputError: a query asks for a metric or dimension that is not there.
    """
    layer = SemanticLayer(manifest.with_name("semantic_manifest.json"), f"{COPY}.main")
    return [] if not layer.metrics else layer.answers()
