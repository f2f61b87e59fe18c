"""When things run: everything at night, the recommender once a week as well.

The nightly run answers too: lists must follow what is on sale and who came today. A model is
named by what it is made of, so training again on the same costs a look-up.
"""

from __future__ import annotations

import dagster as dg

from orchestration.assets.publication import PUBLICATION, evaluation_report
from orchestration.lib.translator import RECOMMENDER

_publication = dg.AssetSelection.assets(PUBLICATION)
_recommender = dg.AssetSelection.groups(RECOMMENDER) | dg.AssetSelection.assets(evaluation_report)

nightly = dg.define_asset_job("nightly", selection=dg.AssetSelection.all())
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
