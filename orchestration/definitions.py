"""All that Dagster is to know, in the order in which data flows."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.landing import build_landing_asset
from orchestration.assets.publication import build_publication_asset, evaluation_report
from orchestration.assets.warehouse import build_warehouse_assets
from orchestration.checks import newest_visit_is_recent
from orchestration.lib.translator import TrasosTranslator
from orchestration.project import ROOT, dbt_resource, manifest
from orchestration.schedules import (
    nightly,
    nightly_schedule,
    weekly_retraining,
    weekly_retraining_schedule,
)
from orchestration.sensors import new_files


@dg.definitions
def defs() -> dg.Definitions:
    """The code location."""
    translator = TrasosTranslator(imported=[ROOT / "macros", ROOT / "trasos"])
    nodes = dict(manifest())
    return dg.Definitions(
        assets=[
            build_landing_asset(nodes, translator),
            *build_warehouse_assets(translator),
            build_publication_asset(nodes, translator),
            evaluation_report,
        ],
        asset_checks=[newest_visit_is_recent],
        jobs=[nightly, weekly_retraining],
        schedules=[nightly_schedule, weekly_retraining_schedule],
        sensors=[new_files],
        resources={"dbt": dbt_resource()},
    )
