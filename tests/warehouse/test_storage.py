"""What a build gives from merged landing, and how the account stands when landing lets days go."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.home import Home, fingerprints
from tests.warehouse.test_incremental import EVENT_LAYERS, TABLES
from trasos.landing.ledger import utc_now
from trasos.storage import RetentionDays, compact, retain

pytestmark = pytest.mark.slow

ACCOUNT = """
    select
        sum(line_count), sum(dead_letter_count), sum(raw_count),
        sum(accepted_count + duplicated_count + rejected_count),
        sum(retired_count), sum(forgotten_count)
    from rpt_event_conservation
"""


@pytest.fixture(scope="module")
def merged(inbox_of_a_shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A shop whose landing was merged before its first build."""
    home = Home(tmp_path_factory.mktemp("merged"))
    shutil.copytree(inbox_of_a_shop.settings.inbox, home.settings.inbox)
    home.land()
    plain = Home(tmp_path_factory.mktemp("plain"))
    shutil.copytree(home.settings.landing, plain.settings.landing)
    plain.dbt(*EVENT_LAYERS)
    assert compact(home.settings, apply=True).merges
    home.dbt(*EVENT_LAYERS)
    assert fingerprints(home, TABLES) == fingerprints(plain, TABLES)
    return home


def test_merging_between_builds_changes_nothing(merged: Home) -> None:
    """Every table of a build over merged landing equals that over single batches: see above."""
    (line, dead, raw, judged, retired, forgotten) = merged.query(ACCOUNT)[0]
    assert line == dead + raw and raw == judged > 10_000
    assert (retired, forgotten) == (0, 0)


def test_what_is_let_go_is_in_the_account_before_and_after_a_rebuild(
    merged: Home, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    shutil.copytree(merged.path, home.path, symlinks=True, dirs_exist_ok=True)
    before = fingerprints(home, TABLES[:-1])
    (line, dead, raw, *_) = home.query(ACCOUNT)[0]
    later: date = utc_now().date() + timedelta(days=31)
    days = RetentionDays(inbox=30, landing=30, dead_letters=30)
    report = retain(home.settings, days, apply=True, today=later)
    assert sum(item.rows for item in report.going) == line
    home.dbt(*EVENT_LAYERS)
    assert fingerprints(home, TABLES[:-1]) == before
    assert home.query(ACCOUNT)[0] == (line, dead, raw, raw, raw, 0)
    home.dbt(*EVENT_LAYERS, "--full-refresh")
    assert home.query(ACCOUNT)[0] == (line, dead, raw, 0, raw, raw)
    home.dbt("test", "--select", "assert_every_raw_row_ends_once")


def test_rows_that_vanish_in_silence_are_told(merged: Home, tmp_path: Path) -> None:
    """The account starts from the manifests: a file that lost a row by hand does not add up."""
    home = Home(tmp_path)
    shutil.copytree(merged.path, home.path, symlinks=True, dirs_exist_ok=True)
    (file,) = home.settings.landing.glob("shop/events/*/*/events.parquet")
    less = file.with_name("less.parquet")
    rows = f"read_parquet('{file}', hive_partitioning = false)"
    duckdb.execute(f"copy (from {rows} offset 1) to '{less}'")
    less.replace(file)
    # The views of a copied warehouse still read the files of the home that they were made in.
    chosen = ("stg_shop__events", "int_events_unioned", "rpt_event_conservation")
    done = home.dbt("build", "--select", *chosen, check=False)
    assert done.returncode != 0
    assert "FAIL 1 assert_every_raw_row_ends_once" in done.stdout
