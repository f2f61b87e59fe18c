"""Which engine builds the SQL models: one variable, for the whole graph."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from trasos.engines.session import REMOTE
from trasos.errors import ConfigurationError

VARIABLE = "TRASOS_ENGINE"
DUCKDB = "duckdb"
#: Names of targets in profiles.yml.
ENGINES = (DUCKDB, "spark_local", "spark_thrift", "spark_connect")
#: Python models, models with the tag, and what follows them: one machine builds them on any engine.
ON_ONE_MACHINE = "path:python_models+ tag:one_machine+"


def engine() -> str:
    """The target that builds: ``TRASOS_ENGINE``, by default DuckDB.

    Raises:
        ConfigurationError: another name.
    """
    name = os.environ.get(VARIABLE) or DUCKDB
    if name not in ENGINES:
        raise ConfigurationError(f"{VARIABLE} is {name!r}: one of {', '.join(ENGINES)} is wanted.")
    return name


def has_session() -> bool:
    """Whether Python has a door to the engine, so that Spark factorises too."""
    if engine() == "spark_local":
        return True
    return engine() != DUCKDB and bool(os.environ.get(REMOTE))


def on_one_machine(manifest: Mapping[str, Any]) -> set[str]:
    """Unique ids of the Python models and of all that is built or tested from them."""
    found = {
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and (node["language"] == "python" or "one_machine" in node["config"]["tags"])
    }
    reached = list(found)
    while reached:
        children = set(manifest["child_map"][reached.pop()]) - found
        found |= children
        reached += children
    return found


def brought_over(manifest: Mapping[str, Any]) -> list[str]:
    """Tables that Spark builds and DuckDB wants: what is published, and what Python models read."""
    here = on_one_machine(manifest)
    nodes = manifest["nodes"]
    wanted = {parent for unique_id in here for parent in manifest["parent_map"][unique_id]}
    wanted |= {
        unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model" and node["config"].get("meta", {}).get("published")
    }
    return sorted(nodes[unique_id]["alias"] for unique_id in wanted - here if unique_id in nodes)
