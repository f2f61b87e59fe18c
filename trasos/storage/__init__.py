"""Storage at a managed cost: what lies where, small files made one, old data let go."""

from trasos.storage.compaction import CompactionReport, compact
from trasos.storage.retention import RetentionDays, RetentionReport, retain, retention_days
from trasos.storage.rewriting import rewrite_day
from trasos.storage.sizes import StorageReport, storage_report

__all__ = [
    "CompactionReport",
    "RetentionDays",
    "RetentionReport",
    "StorageReport",
    "compact",
    "retain",
    "retention_days",
    "rewrite_day",
    "storage_report",
]
