"""When things run: everything but the recommender at night, the recommender once a week."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.publication import PUBLICATION, evaluation_report
from orchestration.lib.translator import RECOMMENDER

_publication = dg.AssetSelection.assets(PUBLICATION)
_recommender = dg.AssetSelection.groups(RECOMMENDER) | dg.AssetSelection.assets(evaluation_report)

everything = dg.define_asset_job("everything", selection=dg.AssetSelection.all())
nightly = dg.define_asset_job("nightly", selection=dg.AssetSelection.all() - _recommender)
weekly_retraining = dg.define_asset_job("weekly_retraining", selection=_recommender | _publication)

# After the shop's day has ended in UTC; retraining when the nightly run is surely over.
nightly_schedule = dg.ScheduleDefinition(
    name="nightly_schedule", job=nightly, cron_schedule="0 2 * * *", execution_timezone="UTC"
)
weekly_retraining_schedule = dg.ScheduleDefinition(
    name="weekly_retraining_schedule",
    job=weekly_retraining,
    cron_schedule="0 5 * * 0",
    execution_timezone="UTC",
)
