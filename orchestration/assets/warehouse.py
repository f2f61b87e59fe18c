"""What dbt builds, each model an asset and each data test a check of it."""

import json
import shutil
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from orchestration.lib.engine import DUCKDB, ON_ONE_MACHINE, brought_over, engine
from orchestration.lib.reports import with_report
from orchestration.lib.row_counts import with_row_counts
from orchestration.project import (
    ROOT,
    WAREHOUSE_POOL,
    dbt_project,
    manifest,
    manifest_path,
    project_vars,
    settings,
)
from trasos.engines.bringing import bring_over
from trasos.project import run_dbt

# Unit tests belong to the tests of the code: in a build a failing one would skip models.
BUILD = ("build", "--exclude-resource-types", "unit_test")


def build_warehouse_assets(translator: DagsterDbtTranslator) -> list[dg.AssetsDefinition]:
    """All models and seeds: in one step, so that dbt starts once; on Spark in two.

    Python models run on one machine, so on Spark a second step builds them and what follows them
    by DuckDB, out of the tables that the first step brings over at its end.
    """
    if engine() == DUCKDB:
        return [_on_duckdb(translator, name="warehouse", select="fqn:*")]
    return [_on_spark(translator), _on_duckdb(translator, "one_machine", ON_ONE_MACHINE)]


def _step(
    translator: DagsterDbtTranslator, name: str, select: str = "fqn:*", exclude: str = ""
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """One call of dbt that builds the selected nodes, in its turn at the warehouse."""
    return dbt_assets(
        name=name,
        manifest=manifest_path(),
        project=dbt_project(),
        dagster_dbt_translator=translator,
        select=select,
        exclude=exclude,
        pool=WAREHOUSE_POOL,
    )


def _on_duckdb(translator: DagsterDbtTranslator, name: str, select: str) -> dg.AssetsDefinition:
    @_step(translator, name, select=select)
    def build(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        events = dbt.cli([*BUILD, *project_vars()], context=context).stream()
        names = {unique_id: node["alias"] for unique_id, node in manifest()["nodes"].items()}
        counted = with_row_counts(events, names, settings().warehouse)
        yield from with_report(counted, settings().artefacts, _evaluated)

    return build


def _evaluated() -> str:
    """The version that the evaluation is of; dbt has ended and left the warehouse."""
    with duckdb.connect(str(settings().warehouse), read_only=True) as connection:
        return str(connection.sql("select model_version from rec_training").fetchall()[0][0])


def _on_spark(translator: DagsterDbtTranslator) -> dg.AssetsDefinition:
    @_step(translator, "warehouse", exclude=ON_ONE_MACHINE)
    def build(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        arguments = [*BUILD, "--target", engine(), *project_vars()]
        yield from dbt.cli(arguments, context=context).stream()
        _bring_over(context, names_to_bring(context.selected_asset_keys))

    return build


def names_to_bring(selected: AbstractSet[dg.AssetKey]) -> list[str]:
    """What this run has built anew of it; all, where nothing was brought yet."""
    names = brought_over(manifest())
    built = {key.path[-1] for key in selected}
    return [name for name in names if name in built or not settings().warehouse.exists()]


def _bring_over(context: dg.AssetExecutionContext, names: list[str]) -> None:
    """Write tables of Spark as files, take these into DuckDB, and let them go."""
    if not names:
        return
    folder = settings().home / "exported"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        call = json.dumps({"folder": str(folder), "names": names})
        said = run_dbt(
            ROOT,
            [
                *("run-operation", "export_relations", "--args", call, *project_vars()),
                *("--target-path", str(settings().home / "target" / engine())),
            ],
            target=engine(),
        )
        if said is not None:
            raise dg.Failure(f"The tables could not be written for DuckDB: {said}")
        rows = bring_over(folder, settings().warehouse, names)
        context.log.info(f"DuckDB has {len(rows)} tables of Spark, {sum(rows.values()):,} rows")
    finally:
        # A second copy of persons' rows that nothing else guards.
        shutil.rmtree(folder, ignore_errors=True)
