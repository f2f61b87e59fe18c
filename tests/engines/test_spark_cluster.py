"""A shop on a cluster of real processes: what one door builds the other sees, as DuckDB has it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.home import ROOT, Home
from trasos.engines.cluster import Cluster, ClusterConfig, local_cluster
from trasos.simulator import SimulationConfig

pytestmark = pytest.mark.slow

#: Some hundred events: on Spark, most of the time is the number of statements.
TINY = SimulationConfig(people=25, days=8, products=30, list_length=5, images=False)
#: Compared, without what is an engine's own.
TABLES = {
    "int_events_validated": "* exclude (event_key)",
    "int_visitor_slots": "*",
    "int_session_slots": "*",
    "int_sessions": "*",
    "event_types": "*",
}
MODELS = ("build", "--select", "+int_sessions", "--exclude-resource-types", "unit_test", "test")
TESTS = ("build", "--select", "int_sessions", "event_types")

# In a process of its own: a remote session changes what pyspark is in the whole process.
READ = """
import os, sys
from pathlib import Path
import pyarrow.parquet
from pyspark.sql import SparkSession

spark = SparkSession.builder.remote(os.environ["TRASOS_SPARK_REMOTE"]).getOrCreate()
for table in sys.argv[2:]:
    # The day that a table's parts are kept by is Spark's own.
    rows = spark.table("trasos." + table).drop("partition_period").toArrow()
    pyarrow.parquet.write_table(rows, Path(sys.argv[1]) / (table + ".parquet"))
"""


@dataclass(frozen=True)
class Shop:
    """One landing, built by DuckDB and on the cluster."""

    home: Home
    cluster: Cluster

    def build(self, target: str, *arguments: str) -> str:
        command = self.home.dbt_command(*arguments, "--target", target)
        # The manifest of one target must not be taken for another's.
        command[command.index("--target-path") + 1] += f"_{target}"
        done = subprocess.run(
            command,
            cwd=self.home.project,
            env=self.home.environment | self.cluster.environment,
            capture_output=True,
            text=True,
            timeout=3600,
        )
        assert done.returncode == 0, f"dbt --target {target} failed:\n{done.stdout[-6000:]}"
        return done.stdout

    def read(self, folder: Path) -> Path:
        """The tables as Spark Connect has them, as Parquet files."""
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", READ, str(folder), *TABLES],
            env=self.home.environment | self.cluster.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return folder


def assert_same_rows(home: Home, tables: Path) -> None:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        for table, columns in TABLES.items():
            there = f"select {columns} from read_parquet('{tables / table}.parquet')"
            here = f"select {columns} from {table}"
            assert described(connection, there) == described(connection, here)
            assert connection.execute(f"select count(*) from ({here})").fetchone() > (0,)
            for one, other in ((here, there), (there, here)):
                rows = connection.execute(f"{one} except all {other} limit 3").fetchall()
                assert rows == [], f"{table} differs"


def described(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in connection.execute(f"describe {query}").fetchall()]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Loads of a shop on a cluster; at the end, nothing of the cluster may be left."""
    if shutil.which("java") is None:
        message = "The cluster was not started: Java is not installed."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    home = Home(tmp_path_factory.mktemp("cluster"))
    home.simulate(TINY)
    # As long as a busy machine may need.
    config = ClusterConfig(home.path, minutes=90, start_seconds=900)
    with pytest.MonkeyPatch.context() as patch:
        # A cluster whose own zone is another: sessions must bring theirs.
        patch.setenv("TZ", "Asia/Tokyo")
        with local_cluster(config, print) as cluster:
            patch.undo()
            groups = cluster.processes.groups
            yield Shop(home, cluster)
    for name, group in groups.items():
        listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True)
        left = [line for line in listed.stdout.splitlines() if line.split()[0] == str(group)]
        assert all(line.split()[1].startswith("Z") for line in left), f"{name} is left"
    for port in (cluster.thrift_port, cluster.connect_port):
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_what_thrift_builds_connect_sees_and_takes_further(shop: Shop, tmp_path: Path) -> None:
    home = shop.home
    inbox = home.settings.inbox / "shop" / "events"
    *_, last = sorted(inbox.rglob("*.jsonl.gz"))
    held = shutil.move(last, tmp_path / last.name)
    home.land()
    home.dbt(*MODELS)
    shop.build("spark_thrift", *MODELS)
    # Contract, data tests and unit tests come through another driver than in a session.
    told = shop.build("spark_thrift", *TESTS)
    for name in (
        "bots_are_marked_by_what_they_say_or_by_their_pace",
        "PASS unique_int_sessions_session_id",
        "PASS assert_sessions_hold_every_accepted_event",
    ):
        assert name in told
    assert_same_rows(home, shop.read(tmp_path / "first"))
    before = home.one("select count(*) from int_events_validated")

    shutil.move(held, last)
    home.land()
    home.dbt(*MODELS)
    shop.build("spark_connect", *MODELS)
    assert_same_rows(home, shop.read(tmp_path / "second"))
    assert home.one("select count(*) from int_events_validated") > before

    # And back, with threads and temporary views: nothing new must change nothing.
    shop.build("spark_thrift", *MODELS)
    assert_same_rows(home, shop.read(tmp_path / "third"))
    assert min(shop.cluster.finished_tasks()) > 0


def test_als_is_factorised_on_the_cluster(shop: Shop) -> None:
    """The test of the equations once more, whose session is now the cluster's."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("tests/recommender/test_als_on_spark.py", "-k", "equations"),
        ],
        cwd=ROOT,
        env=shop.home.environment | shop.cluster.environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "1 passed" in done.stdout
