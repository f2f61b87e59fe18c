"""What starts a run between schedules: new files in the inbox."""

import hashlib
from pathlib import Path

import dagster as dg

from orchestration.assets.landing import inbox
from orchestration.schedules import nightly


@dg.sensor(job=nightly, minimum_interval_seconds=60)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Ask for a run when the inbox changed and has then been still for one tick.

    A shop that is in the middle of writing would otherwise start one run a minute.
    """
    folder = inbox()
    seen, started = (context.cursor or "|").split("|")
    now = listing_digest(folder)
    if not now:
        return dg.SkipReason(f"{folder} holds no file.")
    if now == started:
        return dg.SkipReason("Nothing new since the last run.")
    if now != seen:
        context.update_cursor(f"{now}|{started}")
        return dg.SkipReason("The inbox is changing; a run starts once it is still.")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=now)], cursor=f"{now}|{now}")


def listing_digest(folder: Path) -> str:
    """Changes when a file comes, goes, grows or is written anew; empty without any file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        return ""
    digest = hashlib.sha256()
    for path in files:
        stat = path.stat()
        digest.update(f"{path.relative_to(folder)}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
