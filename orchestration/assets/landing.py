"""What the shop dropped, taken into landing/: one asset for each table of the source."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from orchestration.project import ROOT, WAREHOUSE_POOL, dbt_project, settings, source
from trasos.landing import LandingReport, land

NO_FILE_REFUSED = "no_file_refused"


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
    @dg.multi_asset(
        name=f"land_{source()}",
        specs=list(specs.values()),
        check_specs=[dg.AssetCheckSpec(NO_FILE_REFUSED, asset=specs["events"].key)],
        pool=WAREHOUSE_POOL,
    )
    def land_source(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        """Take in new files; one that cannot be read stays where it is, and a check says so."""
        report = land(source(), settings(), inbox=inbox())
        context.log.info(f"{len(report.batches)} new event file(s), {len(report.tables)} table(s)")
        rows = row_counts(report)
        for name, spec in specs.items():
            yield dg.MaterializeResult(
                asset_key=spec.key,
                metadata={"new_rows": rows.get(name, 0)},
            )
        yield dg.AssetCheckResult(
            asset_key=specs["events"].key,
            check_name=NO_FILE_REFUSED,
            passed=not report.refused,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={name: reason for name, reason in report.refused},
        )

    return land_source


def row_counts(report: LandingReport) -> dict[str, int]:
    """New rows by table of the source."""
    return {
        "events": sum(batch.events for batch in report.batches),
        "dead_letters": sum(sum(batch.dead.values()) for batch in report.batches),
        "manifests": len(report.batches),
        **dict(report.tables),
    }
