"""How a dbt node becomes an asset: its group, its owner, its version of code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

# The nightly run takes minutes; a day and two hours without one means that it was missed.
NIGHTLY = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=26), fail_window=timedelta(hours=38)
)
WEEKLY = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(days=8), fail_window=timedelta(days=15)
)
RECOMMENDER = "recommender"


class TrasosTranslator(DagsterDbtTranslator):
    """Groups by folder, owners from ``meta.owner``, freshness by what must run when.

    Args:
        imported: folders of code that models call without naming it: macros and the library.
            dbt hashes a model's own text only, so their content joins the code version.
    """

    def __init__(self, imported: Iterable[Path]) -> None:
        super().__init__(settings=DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))
        self._imported = fingerprint(imported)

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The asset of a dbt node."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        group = group_of(node)
        return spec.replace_attributes(
            group_name=group,
            owners=owners_of(node),
            code_version=f"{spec.code_version}-{self._imported}",
            freshness_policy=WEEKLY if group == RECOMMENDER else NIGHTLY,
        )


def group_of(node: Mapping[str, Any]) -> str:
    """The room of a node: staging, intermediate, the domain of a mart, features, recommender."""
    if node["resource_type"] == "source":
        return "landing"
    if node["resource_type"] == "seed":
        return "seeds"
    folders: list[str] = list(node["fqn"][1:-1])
    if folders[:1] == ["marts"] and len(folders) > 1:
        return folders[1]
    return folders[0]


def owners_of(node: Mapping[str, Any]) -> list[str]:
    """``meta.owner`` as Dagster spells a team; none where the node names none."""
    meta = {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}
    owner = meta.get("owner")
    return [f"team:{owner.replace(' ', '-')}"] if owner else []


def fingerprint(folders: Iterable[Path]) -> str:
    """Eight hex digits that change with any SQL or Python file in some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in (".py", ".sql"):
                digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:8]
