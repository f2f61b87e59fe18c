from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from tests.landing.conftest import event, json_lines
from trasos.errors import InputError, NotReadyError
from trasos.landing import land
from trasos.landing.ledger import Ledger, only_lander
from trasos.settings import Settings
from trasos.storage import compact

from .conftest import FIRST, everything, folders, land_at, listing, nothing_new

Drop = Callable[[str, bytes], Path]
Batch = tuple[int, str, int, int]


def test_merging_keeps_every_row_and_leaves_one_folder_a_day(landed: Settings) -> None:
    before = everything(landed)
    report = compact(landed, apply=True)
    assert everything(landed) == before
    assert [merge.folders for merge in report.merges] == [(6, 1)] * 3
    assert sum(merge.rows for merge in report.merges) == len(before[0]) - 1 == 63
    assert all((merge.size_after or 0) < merge.size for merge in report.merges)
    assert len(folders(landed)) == 3
    assert not (landed.landing / ".incoming").exists()
    assert compact(landed, apply=True).merges == ()


batches = st.lists(
    st.tuples(
        st.integers(0, 2),  # load day
        st.sampled_from(["lines", "number", "text", "other"]),  # kind of file
        st.integers(0, 40),  # rows
        st.integers(0, 2),  # dead letters, in files of lines
    ),
    min_size=1,
    max_size=8,
)


@profile(max_examples=12, deadline=None)
@given(batches, st.integers(1, 4), st.sampled_from([1, 9_000, 10**9]))
def test_any_batches_in_any_number_of_steps_compact_to_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, dropped: list[Batch], step: int, large: int
) -> None:
    """Other columns, other types of a column, empty files; compaction between landings or after."""
    home = tmp_path_factory.mktemp("home")
    plain, merged = Settings(home / "plain"), Settings(home / "merged")
    for number, batch in enumerate(sorted(dropped)):
        file = write(home / "inbox/events", number, batch)
        moment = FIRST + timedelta(days=batch[0])
        for one in (plain, merged):
            land("shop", one, home / "inbox", moment)
        if number % step == 0:
            compact(merged, apply=True, large=large)
        assert file.exists()
    assert everything(merged) == everything(plain)
    compact(merged, apply=True, large=large)
    assert everything(merged) == everything(plain)
    assert nothing_new(land("shop", merged, home / "inbox", FIRST))
    ledgers = [Ledger(one.landing / "shop/events", lambda: FIRST) for one in (plain, merged)]
    assert ledgers[0].next_loaded_at() == ledgers[1].next_loaded_at()


def write(folder: Path, number: int, batch: Batch) -> Path:
    _, kind, count, dead = batch
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "lines":
        file = folder / f"{number:02}.jsonl"
        lines = [event(100 * number + n) for n in range(count)]
        file.write_bytes(json_lines(*lines) + b"broken\n" * dead + b"\n" * number)
        return file
    file = folder / f"{number:02}.parquet"
    columns = {
        "number": f"i as id, {number} as made",
        "text": f"i::text as id, {number} as made",
        "other": f"[i] as tags, {{'a': i, 'b': null::double}} as deep, uuid() as u, {number} as x",
    }[kind]
    duckdb.execute(f"copy (select {columns} from range({count}) t(i)) to '{file}'")
    return file


def test_rows_stay_sorted_by_loading_so_that_a_scan_can_skip(
    settings: Settings, drop: Drop
) -> None:
    for part in range(4):
        drop(f"events/{part}.jsonl", json_lines(*(event(n, part=part) for n in range(35_000))))
    land_at(settings)
    compact(settings, apply=True)
    (folder,) = folders(settings)
    file = pq.ParquetFile(folder / "events.parquet")
    names = file.schema_arrow.names
    groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
    assert len(groups) > 1 and max(group.num_rows for group in groups) < 130_000
    statistics = [group.column(names.index("_loaded_at")).statistics for group in groups]
    for earlier, later in itertools.pairwise(statistics):
        assert earlier.max <= later.min
    table = file.read(["_loaded_at", "_line_number"])
    order = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    assert order == sorted(order)
    codecs = {group.column(0).compression for group in groups}
    assert codecs == {"ZSTD"}


def test_a_large_file_stays_the_very_file_and_is_not_reached_over(
    settings: Settings, drop: Drop
) -> None:
    for part, count in enumerate((1, 2, 500, 3, 4)):
        drop(f"events/{part}.jsonl", json_lines(*(event(n, part=part) for n in range(count))))
    land_at(settings)
    (large,) = (folder for folder in folders(settings) if manifest(folder)["events"] == 500)
    status = (large / "events.parquet").stat()
    before = everything(settings)
    report = compact(settings, apply=True, large=status.st_size - 1)
    assert [merge.folders for merge in report.merges] == [(5, 3)]
    assert (large / "events.parquet").stat().st_ino == status.st_ino
    assert sorted(manifest(folder)["events"] for folder in folders(settings)) == [3, 7, 500]
    assert everything(settings) == before
    assert compact(settings, large=status.st_size - 1).merges == ()


def manifest(folder: Path) -> dict[str, Any]:
    return dict(orjson.loads((folder / "manifest.json").read_bytes()))


def test_a_merged_folder_tells_the_sums_and_each_batch(landed: Settings) -> None:
    single = {folder.name: manifest(folder) for folder in folders(landed)[:6]}
    compact(landed, apply=True)
    folder = folders(landed)[0]
    told = manifest(folder)
    assert (told["merged"], told["lines"], told["events"], told["dead_letters"]) == (6, 24, 21, 3)
    assert list(told["dead_letters_by_reason"].values()) == [3]
    assert told["loaded_at"] == max(one["loaded_at"] for one in single.values())
    lines = [orjson.loads(line) for line in (folder / "batches.jsonl").read_bytes().splitlines()]
    assert {line.pop("batch_id"): line for line in lines} == single
    assert [line["loaded_at"] for line in lines] == sorted(line["loaded_at"] for line in lines)


def test_nothing_lands_twice_after_merging_under_whatever_name(
    landed: Settings, drop: Drop
) -> None:
    compact(landed, apply=True)
    before = everything(landed)
    for file in sorted((landed.inbox / "shop/events").rglob("*.jsonl")):
        drop(f"events/again/{file.parent.name}-{file.name}", file.read_bytes())
    report = land_at(landed)
    assert nothing_new(report)
    assert len(report.already) == 2 * 18 + 1
    assert everything(landed) == before
    last = max(row_moment(landed))
    drop("events/new.jsonl", json_lines(event(999)))
    land_at(landed, FIRST - timedelta(days=9))
    assert max(row_moment(landed)) > last
    assert len(set(row_moment(landed))) == 19


def row_moment(settings: Settings) -> list[object]:
    pattern = settings.landing / "shop/events/*/*/events.parquet"
    return [row[0] for row in duckdb.execute(f"select _loaded_at from '{pattern}'").fetchall()]


def test_a_dry_run_changes_no_byte(landed: Settings) -> None:
    before = listing(landed.home)
    report = compact(landed)
    assert listing(landed.home) == before
    assert [merge.folders for merge in report.merges] == [(6, 1)] * 3
    assert "give --apply" in report.summary
    assert [merge.size_after for merge in report.merges] == [None] * 3


def test_one_source_alone(landed: Settings) -> None:
    land("web", landed, landed.inbox / "shop", FIRST + timedelta(days=30))
    assert [merge.source for merge in compact(landed, "web", apply=True).merges] == ["web"]
    assert len(folders(landed)) == 18
    with pytest.raises(InputError, match="'nobody'"):
        compact(landed, "nobody")


def test_nothing_landed_is_nothing_to_merge(settings: Settings) -> None:
    assert compact(settings).merges == compact(settings, apply=True).merges == ()
    assert not settings.home.exists()


@pytest.mark.parametrize("name", ["events.parquet", "dead_letters.parquet"])
def test_a_file_with_other_rows_than_landing_counted_is_told_and_left(
    landed: Settings, name: str
) -> None:
    folder = folders(landed)[7]
    table = pq.read_table(folder / name)
    pq.write_table(table.slice(0, 0) if len(table) else letters_of(landed), folder / name)
    before = listing(landed.landing / "shop/events" / folder.parent.name)
    with pytest.raises(InputError, match="where landing counted"):
        compact(landed, apply=True)
    assert listing(landed.landing / "shop/events" / folder.parent.name) == before


def letters_of(settings: Settings) -> object:
    pattern = settings.landing / "shop/events/*/*/dead_letters.parquet"
    return duckdb.sql(f"from read_parquet('{pattern}', hive_partitioning = false)").to_arrow_table()


def test_a_damaged_file_is_told_and_left(landed: Settings) -> None:
    (folders(landed)[0] / "events.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(InputError, match=r"events\.parquet cannot be read"):
        compact(landed, apply=True)
    assert len(folders(landed)) == 18


def test_a_merged_folder_without_its_batches_is_told(landed: Settings) -> None:
    compact(landed, apply=True)
    file = folders(landed)[0] / "batches.jsonl"
    file.write_bytes(b"\n".join(file.read_bytes().splitlines()[1:]))
    with pytest.raises(InputError, match=r"no whole batches\.jsonl"):
        land_at(landed)


BUILD = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("create table if not exists t (i int)")
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_running_build_is_not_disturbed(landed: Settings) -> None:
    landed.warehouse.parent.mkdir(parents=True)
    before = listing(landed.landing / "shop")
    command = [sys.executable, "-c", BUILD, str(landed.warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == b"held\n"
        with pytest.raises(NotReadyError, match="when the build has ended"):
            compact(landed, apply=True)
        assert listing(landed.landing / "shop") == before
        build.kill()
        build.wait()
    assert len(compact(landed, apply=True).merges) == 3


def test_one_at_a_time_with_landing(landed: Settings) -> None:
    with only_lander(landed.landing), pytest.raises(NotReadyError):
        compact(landed, apply=True)
