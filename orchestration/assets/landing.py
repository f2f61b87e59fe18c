"""What the shop dropped, taken into landing/: one asset for each table of the source."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from orchestration.project import ROOT, WAREHOUSE_POOL, dbt_project, settings, source
from trasos.errors import InputError
from trasos.landing import LandingReport, land


def inbox() -> Path:
    """Where the shop drops its files; a named source of real data lies in ``TRASOS_DATA``."""
    own = settings().inbox / source()
    if own.exists() or source() == "shop":
        return own
    return ROOT / os.environ.get("TRASOS_DATA", "../shared/data") / source()


def build_landing_asset(
    manifest: dict[str, Any], translator: DagsterDbtTranslator
) -> dg.AssetsDefinition:
    """One asset for each table that the source declares, made by one call of the lander."""
    nodes = {
        node["name"]: unique_id
        for unique_id, node in manifest["sources"].items()
        if node["source_name"] == source()
    }
    specs = {
        name: translator.get_asset_spec(manifest, unique_id, dbt_project()).replace_attributes(
            kinds={"parquet"}
        )
        for name, unique_id in nodes.items()
    }

    # In the pool as well: a build that reads landing in several models must see one state of it.
    @dg.multi_asset(name=f"land_{source()}", specs=list(specs.values()), pool=WAREHOUSE_POOL)
    def land_source(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        """Take in new files; a file that cannot be read stays where it is and fails the step."""
        report = land(source(), settings(), inbox=inbox())
        context.log.info(f"{len(report.batches)} new event file(s), {len(report.tables)} table(s)")
        if report.refused:
            raise InputError(f"Refused, the rest is landed: {report.refused}")
        rows = row_counts(report)
        for name, spec in specs.items():
            yield dg.MaterializeResult(
                asset_key=spec.key,
                metadata={"new_rows": rows[name]} if name in rows else {"new_rows": 0},
            )

    return land_source


def row_counts(report: LandingReport) -> dict[str, int]:
    """New rows by table of the source."""
    return {
        "events": sum(batch.events for batch in report.batches),
        "dead_letters": sum(sum(batch.dead.values()) for batch in report.batches),
        **dict(report.tables),
    }
