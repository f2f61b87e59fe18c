"""What dbt builds, each model an asset and each data test a check of it."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from orchestration.project import WAREHOUSE_POOL, dbt_project, manifest_path, source_vars


def build_warehouse_assets(translator: DagsterDbtTranslator) -> dg.AssetsDefinition:
    """All models and seeds of the project in one step, so that dbt starts once."""

    @dbt_assets(
        name="warehouse",
        manifest=manifest_path(),
        project=dbt_project(),
        dagster_dbt_translator=translator,
        pool=WAREHOUSE_POOL,
    )
    def warehouse(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        # Unit tests belong to the tests of the code: in a build a failing one would skip models.
        arguments = ["build", "--exclude-resource-types", "unit_test", *source_vars()]
        invocation = dbt.cli(arguments, context=context)
        try:
            yield from invocation.stream().fetch_row_counts()
        finally:
            # Counting rows opens the warehouse in this process, which would keep it open.
            if invocation.adapter is not None:
                invocation.adapter.cleanup_connections()
            DuckDBConnectionManager.close_all_connections()

    return warehouse
