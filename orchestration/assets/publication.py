"""The read-only copy for readers, and the picture of how the recommender does."""

import base64
from collections.abc import Mapping
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator

from orchestration.lib.published import built_tables, published_models
from orchestration.lib.translator import NIGHTLY, WEEKLY
from orchestration.project import WAREHOUSE_POOL, dbt_project, manifest_path, settings
from trasos.publishing import publish, published_answers
from trasos.recommender.plots import metrics_plot
from trasos.recommender.verdict import verdict

PUBLICATION = dg.AssetKey("publication")


def build_publication_asset(
    manifest: Mapping[str, Any], translator: DagsterDbtTranslator
) -> dg.AssetsDefinition:
    """The published copy: it depends on every model that is in it."""
    models = published_models(manifest)
    keys = [
        translator.get_asset_spec(manifest, unique_id, dbt_project()).key for unique_id in models
    ]

    @dg.asset(
        key=PUBLICATION,
        deps=keys,
        group_name="publishing",
        owners=["team:data-engineering"],
        kinds={"duckdb"},
        freshness_policy=NIGHTLY,
        pool=WAREHOUSE_POOL,
    )
    def publication() -> dg.MaterializeResult[Any]:
        """Copies what is for readers into a fresh file and swaps it in at one instant."""
        folders = settings()
        built = built_tables(folders.warehouse)
        tables = [name for name in models.values() if name in built]
        answers = published_answers(manifest_path())
        report = publish(folders.warehouse, folders.published, tables, answers=answers)
        return dg.MaterializeResult(
            metadata={
                "file": report.version.name,
                "is_new": report.is_new,
                "dagster/row_count": sum(report.rows.values()),
                "rows": dg.MetadataValue.json(dict(report.rows)),
                "not_built_yet": sorted({*models.values(), *report.left_out} - set(tables)),
            }
        )

    return publication


@dg.asset(
    deps=[PUBLICATION],
    group_name="publishing",
    owners=["team:data-science"],
    kinds={"matplotlib"},
    freshness_policy=WEEKLY,
)
def evaluation_report() -> dg.MaterializeResult[Any]:
    """How the served model does beside its baselines: a verdict in words, and the picture."""
    with duckdb.connect(str(settings().published), read_only=True) as connection:
        # Fetched to the end: DuckDB lets nothing else run beside an unfinished result.
        ((version,),) = connection.execute(
            "select min(model_version) from rec_recommendations"
        ).fetchall()
        rows = connection.sql(
            "select * from rec_evaluations where model_version = $version",
            params={"version": version},
        ).to_arrow_table()
        decisions = connection.execute(
            "select distinct data_through, model_version, decision, decision_reason "
            "from rec_gate_decisions order by data_through desc, model_version limit 1"
        ).fetchall()
    picture = base64.b64encode(metrics_plot(rows)).decode() if rows.num_rows else ""
    return dg.MaterializeResult(
        metadata={
            "model_version": str(version),
            # A lost challenge is no failure: it is told here, and the champion serves on.
            "newest_challenger": "; ".join(
                f"{challenger} was {decision}: {reason}"
                for _, challenger, decision, reason in decisions
            ),
            "verdict": dg.MetadataValue.md(verdict(rows).replace("\n", "\n\n")),
            "metrics": dg.MetadataValue.md(f"![metrics](data:image/png;base64,{picture})"),
        }
    )
