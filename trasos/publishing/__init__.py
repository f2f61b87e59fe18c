"""Publishing: a read-only copy of the marts that readers may open while the next build runs."""

from trasos.publishing.manifest import published_answers, published_tables
from trasos.publishing.publisher import PublishReport, publish
from trasos.publishing.versions import drop_older, rollback

__all__ = [
    "PublishReport",
    "drop_older",
    "publish",
    "published_answers",
    "published_tables",
    "rollback",
]
