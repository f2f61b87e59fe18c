from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.victims import Victims, victims
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.publishing import publish, rollback
from trasos.publishing.copying import fingerprint
from trasos.publishing.versions import current, versions

TABLES = ["dim_customer", "fct_order"]
MART = """
    create or replace table dim_customer as
    select i as customer_id, 'c' || i as name, [i] as tags, {{'a': i}} as more,
        'x'::enum('x', 'y') as kind, timestamptz '2025-01-01 00:00:00+00' as seen_at
    from range({rows}) t(i);
    create or replace table fct_order as
    select i as order_id, (i * 1.5)::decimal(9, 2) as revenue, date '2025-01-01' as order_date
    from range({rows}) t(i);
"""


class House:
    """A warehouse that is built, and a link that is published to."""

    def __init__(self, home: Path) -> None:
        self.warehouse, self.link = home / "warehouse.duckdb", home / "published" / "trasos.duckdb"

    def build(self, rows: int = 10) -> None:
        with duckdb.connect(self.warehouse) as connection:
            connection.execute(MART.format(rows=rows))

    def execute(self, query: str) -> None:
        with duckdb.connect(self.warehouse) as connection:
            connection.execute(query)

    def publish(self, **options: Any) -> Any:
        return publish(self.warehouse, self.link, TABLES, **options)

    def read(self, query: str = "select count(*) from fct_order") -> list[Any]:
        with duckdb.connect(self.link, read_only=True) as connection:
            return connection.execute(query).fetchall()

    @property
    def leftovers(self) -> list[str]:
        kept = {path.name for path in versions(self.link)} | {self.link.name, ".trasos.lock"}
        return [path.name for path in self.link.parent.iterdir() if path.name not in kept]


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.build()
    return made


def test_the_copy_holds_the_tables_and_says_so(house: House) -> None:
    told: list[tuple[str, int, int]] = []
    report = house.publish(progress=lambda *step: told.append(step))
    assert report.is_new
    assert report.rows == {"dim_customer": 10, "fct_order": 10}
    assert report.current == report.version
    with duckdb.connect(house.warehouse, read_only=True) as connection:
        for table in TABLES:
            expected = connection.execute(f"from {table}").fetchall()
            assert house.read(f"from {table}") == expected
    signed = house.read("select warehouse, table_name, row_count from _publication order by 2")
    assert signed == [
        ("warehouse.duckdb", "dim_customer", 10),
        ("warehouse.duckdb", "fct_order", 10),
    ]
    ((moment,),) = house.read(
        "select distinct strftime(published_at, '%Y%m%dT%H%M%S') from _publication"
    )
    assert moment in report.version.name
    assert told == [("dim_customer", 0, 2), ("fct_order", 1, 2), ("", 2, 2)]
    assert house.leftovers == []


def test_the_version_is_closed_read_only_and_in_the_old_format(house: House) -> None:
    version = house.publish().version
    assert stat.S_IMODE(version.stat().st_mode) == 0o444
    assert not version.with_name(version.name + ".wal").exists()
    assert not Path(house.link.readlink()).is_absolute()
    # The version of the storage format stands in the header; v1.2.0 and its like write 64 to 66.
    header = version.read_bytes()[8:20]
    assert header[:4] == b"DUCK"
    assert int.from_bytes(header[4:12], "little") <= 66
    with duckdb.connect() as connection:
        connection.execute(f"attach '{version}' as v (read_only)")
        ((tags,),) = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = 'v'"
        ).fetchall()
    assert tags.startswith("v1.2")


def test_equal_content_is_not_published_again(house: House) -> None:
    first = house.publish()
    house.execute("create or replace table fct_order as from fct_order order by order_id desc")
    again = house.publish()
    assert not again.is_new
    assert again.version == first.version
    assert versions(house.link) == [first.version]


@pytest.mark.parametrize(
    "change",
    [
        "update fct_order set revenue = 99 where order_id = 3",
        "update fct_order set revenue = null where order_id = 0",
        "insert into fct_order from fct_order limit 1",
        "delete from dim_customer where customer_id = 1",
        "alter table fct_order rename revenue to turnover",
        "alter table fct_order alter revenue type decimal(12, 2)",
        "update dim_customer set kind = 'y' where customer_id = 1",
        "alter table fct_order add column _whole_row int",
    ],
)
def test_any_other_content_is_published(house: House, change: str) -> None:
    house.publish()
    house.execute(change)
    assert house.publish().is_new


def test_a_fingerprint_knows_rows_from_their_order_and_places() -> None:
    with duckdb.connect() as connection:

        def taken(values: str) -> object:
            connection.execute(f"create or replace table t as from (values {values}) t(a, b)")
            return fingerprint(connection, "memory", "t")

        assert taken("(1, 2), (3, 4)") == taken("(3, 4), (1, 2)")
        different = ["(1, 2)", "(2, 1)", "(1, null)", "(null, 1)", "(1, 2), (1, 2)", "(1, 1)"]
        different += ["(1, 2), (3, 4)", "(1, 4), (3, 2)", "(1, 2), (1, 2), (3, 4), (3, 4)"]
        assert len({repr(taken(values)) for values in different}) == len(different)


def test_the_last_ones_are_kept_and_only_they(house: House) -> None:
    made = []
    for rows in range(1, 6):
        house.build(rows)
        made.append(house.publish(keep=3).version)
    assert versions(house.link) == made[-3:]
    house.build(9)
    report = house.publish(keep=1)
    assert versions(house.link) == [report.version]
    assert list(report.removed) == made[-3:]
    assert house.read() == [(9,)]


def test_versions_follow_each_other_even_if_the_clock_goes_back(house: House) -> None:
    first = house.publish().version
    future = first.with_name("trasos_29990101T000000000000Z_00000000.duckdb")
    first.rename(future)
    house.build(5)
    report = house.publish()
    assert versions(house.link) == [future, report.version]
    assert house.read() == [(5,)]


def test_other_files_beside_the_link_are_left_alone(house: House) -> None:
    house.publish()
    other = house.link.with_name("trasos_notes.duckdb")
    other.write_bytes(b"mine")
    house.build(3)
    house.publish(keep=1)
    assert other.read_bytes() == b"mine"


def test_rollback_goes_back_stays_back_and_ends_with_new_content(house: House) -> None:
    made = []
    for rows in (1, 2, 3):
        house.build(rows)
        made.append(house.publish().version)
    assert rollback(house.link) == made[1]
    assert house.read() == [(2,)]
    report = house.publish()
    assert (report.is_new, report.current) == (False, made[1])
    assert rollback(house.link) == made[0]
    with pytest.raises(NotReadyError, match="no earlier version"):
        rollback(house.link)
    assert rollback(house.link, to=made[2].name) == made[2]
    assert house.read() == [(3,)]
    rollback(house.link)
    house.build(4)
    assert house.publish().is_new
    assert house.read() == [(4,)]
    with pytest.raises(NotReadyError, match="There is no version nonsense"):
        rollback(house.link, to="nonsense")


def test_a_version_that_people_went_back_to_is_never_removed(house: House) -> None:
    for rows in (1, 2, 3):
        house.build(rows)
        house.publish()
    kept = rollback(house.link)
    assert house.publish(keep=1).removed != ()
    assert kept.exists()
    assert house.read() == [(2,)]


def test_a_damaged_newest_version_is_replaced(house: House) -> None:
    version = house.publish().version
    version.chmod(0o644)
    version.write_bytes(b"x" * 5000)
    assert house.publish().is_new
    assert house.read() == [(10,)]


def test_missing_tables_and_views_are_told_and_change_nothing(house: House) -> None:
    before = house.publish().version
    with pytest.raises(NotReadyError, match="no table dim_missing"):
        publish(house.warehouse, house.link, [*TABLES, "dim_missing"])
    house.execute(
        "create view rpt_day as from fct_order; create schema s; create table s.t (i int)"
    )
    with pytest.raises(NotReadyError, match="rpt_day"):
        publish(house.warehouse, house.link, ["rpt_day"])
    with pytest.raises(NotReadyError, match="no table t "):
        publish(house.warehouse, house.link, ["t"])
    assert current(house.link) == before
    assert house.leftovers == []


def test_a_missing_or_damaged_warehouse_is_told(house: House) -> None:
    house.warehouse.write_bytes(b"x" * 5000)
    with pytest.raises(NotReadyError, match="cannot be opened"):
        house.publish()
    house.warehouse.unlink()
    with pytest.raises(NotReadyError, match=r"dbt build"):
        house.publish()
    assert not house.link.exists()


def test_a_warehouse_with_a_log_beside_it_is_told(house: House) -> None:
    house.warehouse.with_name("warehouse.duckdb.wal").write_bytes(b"")
    with pytest.raises(NotReadyError, match="not closed cleanly"):
        house.publish()


def test_unfit_calls_are_told(house: House) -> None:
    with pytest.raises(ConfigurationError, match="at least 1"):
        house.publish(keep=0)
    for names in ([], ["_publication"]):
        with pytest.raises(ConfigurationError, match="at least one table"):
            publish(house.warehouse, house.link, names)
    house.link.parent.mkdir()
    house.link.write_text("mine")
    with pytest.raises(ConfigurationError, match="not a link"):
        house.publish()
    with pytest.raises(ConfigurationError, match="not a link"):
        rollback(house.link)
    assert house.link.read_text() == "mine"


def test_a_copy_that_fails_in_the_middle_changes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = house.publish().version
    house.build(4)

    def other(connection: duckdb.DuckDBPyConnection, catalog: str, table: str) -> Any:
        if catalog == "copy" and table == "fct_order":
            connection.execute("delete from copy.main.fct_order where order_id = 1")
        return fingerprint(connection, catalog, table)

    monkeypatch.setattr("trasos.publishing.copying.fingerprint", other)
    with pytest.raises(InputError, match="The copy of fct_order differs"):
        house.publish()
    assert current(house.link) == before
    assert versions(house.link) == [before]
    assert house.leftovers == []


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


WRITER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_warehouse_in_use_is_told(house: House) -> None:
    with run(WRITER, house.warehouse) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "open\n"
        with pytest.raises(NotReadyError, match=r"in use by another process|not closed cleanly"):
            house.publish()
        writer.communicate()
    assert house.publish().is_new


READER = """
import sys, duckdb
held = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
for line in sys.stdin:
    asked = held if line == "held\\n" else duckdb.connect(sys.argv[1], read_only=True)
    answer = asked.execute("select count(*), sum(order_id) from fct_order").fetchone()
    print(*answer, flush=True)
"""


def test_readers_keep_what_they_hold_and_find_the_new_one_by_the_link(house: House) -> None:
    house.build(50_000)
    first = house.publish().version
    with run(READER, house.link) as reader:
        assert reader.stdin is not None and reader.stdout is not None

        def ask(question: str) -> list[int]:
            assert reader.stdin is not None and reader.stdout is not None
            print(question, file=reader.stdin, flush=True)
            return [int(word) for word in reader.stdout.readline().split()]

        assert reader.stdout.readline() == "open\n"
        # The first question comes only after the file is gone: nothing of it is in memory yet.
        for rows in (60_000, 70_000):
            house.build(rows)
            house.publish(keep=1)
        assert not first.exists()
        assert ask("held") == [50_000, sum(range(50_000))]
        assert ask("again") == [70_000, sum(range(70_000))]
        house.build(80_000)
        house.publish(keep=1)
        assert ask("again") == [80_000, sum(range(80_000))]
        assert ask("held") == [50_000, sum(range(50_000))]
        reader.stdin.close()


@pytest.fixture(scope="module")
def publishing_victims() -> Iterator[Victims]:
    call = "publisher.publish(Path(arguments[0]), Path(arguments[1]), arguments[2:], keep=1)"
    with victims("from trasos.publishing import copying, publisher", call) as born:
        yield born


@pytest.mark.parametrize(
    ("published", "place", "name", "when", "count"),
    [
        (True, "copying", "fingerprint", "before", 2),  # within the copying
        (True, "copying", "_sign", "after", 1),  # all are copied, the file is still open
        (True, "publisher", "sync", "after", 1),  # whole, but not in its place
        (True, "publisher", "point", "before", 1),  # in its place, but the link is the old one
        (False, "publisher", "point", "before", 1),  # in its place, but there is no link
        (True, "publisher", "_remove_old", "before", 1),  # the link is new, the old file is there
    ],
)
def test_a_kill_leaves_the_old_or_the_new_and_a_rerun_completes(
    house: House,
    publishing_victims: Victims,
    published: bool,
    place: str,
    name: str,
    when: str,
    count: int,
) -> None:
    if published:
        house.publish()
    house.build(500)
    arguments = (house.warehouse, house.link, *TABLES)
    assert publishing_victims.kill(place, name, when, count, *arguments) == -9
    if published or name == "_remove_old":
        assert house.read() == [(500 if name == "_remove_old" else 10,)]
    else:
        assert not house.link.exists()
    report = house.publish(keep=1)
    assert report.current == report.version
    assert report.is_new == (name not in ("point", "_remove_old"))
    assert house.read() == [(500,)]
    assert versions(house.link) == [report.version]
    assert house.leftovers == []


def test_one_publisher_at_a_time(house: House) -> None:
    house.publish()
    house.build(3)
    tried: list[Callable[[], Any]] = [house.publish, lambda: rollback(house.link)]

    def meanwhile(table: str, done: int, total: int) -> None:
        if tried:
            with pytest.raises(NotReadyError, match="Another process is publishing"):
                tried.pop()()

    assert house.publish(progress=meanwhile).is_new
    assert tried == []
