"""Both engines in one process: DuckDB in memory, Spark with its catalog in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engines.java import want_java
from tests.engines.macros import Macros

Row = tuple[Any, ...]


class Engine:
    """An engine to ask the same of: tables come in by a file that both read."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.macros = Macros(self.name, execute=True, run_query=self.ask)

    def give(self, name: str, table: pa.Table) -> None:
        """Makes a table known, as a file: literals would be folded before anything runs."""
        file = self.folder / f"{name}.parquet"
        pq.write_table(table, file)
        self._see(name, file)

    def _see(self, name: str, file: Path) -> None:
        raise NotImplementedError

    def ask(self, sql: str) -> list[Row]:
        raise NotImplementedError


class DuckDB(Engine):
    name = "duckdb"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.connection = duckdb.connect()
        # As profiles.yml has it.
        self.connection.execute("set TimeZone = 'UTC'")

    def _see(self, name: str, file: Path) -> None:
        self.connection.execute(f"create or replace table {name} as from '{file}'")

    def ask(self, sql: str) -> list[Row]:
        return self.connection.execute(sql).fetchall()


class Spark(Engine):
    name = "spark"

    def __init__(self, folder: Path, session: Any) -> None:
        super().__init__(folder)
        self.session = session

    def _see(self, name: str, file: Path) -> None:
        self.session.read.parquet(str(file)).createOrReplaceTempView(name)

    def ask(self, sql: str) -> list[Row]:
        return [tuple(row) for row in self.session.sql(sql).collect()]


@pytest.fixture(scope="session")
def duckdb_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    engine = DuckDB(tmp_path_factory.mktemp("duckdb"))
    yield engine
    engine.connection.close()


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """Spark in a process of its own, on one core, without a metastore."""
    want_java()
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    folder = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.catalogImplementation", "in-memory")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.sql.shuffle.partitions", "1")
        # A process of half a minute never earns back what compiling well costs.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # As profiles.yml has them.
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.sql.variant.allowDuplicateKeys", "true")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield Spark(folder, session)
    session.stop()


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture(scope="module")
def hasty_java() -> Iterator[None]:
    """Java, which compiles in haste: most of these programs end before care is paid back."""
    want_java()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRASOS_SPARK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        patch.setenv("TRASOS_SPARK_PARTITIONS", "2")
        yield
