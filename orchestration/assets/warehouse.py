"""What dbt builds, each model an asset and each data test a check of it."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

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
        yield from dbt.cli(arguments, context=context).stream().fetch_row_counts()

    return warehouse
