"""Readers of the published copy and builds of the warehouse do not meet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.warehouse.home import Home
from trasos.publishing import publish, published_tables

# Holds one connection open all the while, and opens another through the link again and again.
READER = """
import sys, time, duckdb
link, stop = sys.argv[1:]
held = duckdb.connect(link, read_only=True)
reads = 0
from pathlib import Path
while not Path(stop).exists() or reads < 3:
    first = held.execute("select count(*) from fct_orders").fetchone()
    with duckdb.connect(link, read_only=True) as fresh:
        assert fresh.execute("select count(*) from fct_orders").fetchone() == first
    reads += 1
    time.sleep(0.05)
print(reads)
"""


def test_a_reader_is_not_disturbed_by_a_build_and_does_not_disturb_it(
    shop: Home, tmp_path: Path
) -> None:
    link, stop = tmp_path / "published/trasos.duckdb", tmp_path / "stop"
    tables = published_tables(shop.path / "target/manifest.json")
    assert "fct_orders" in tables
    assert not [name for name in tables if name.startswith(("stg_", "int_"))]
    publish(shop.warehouse, link, tables)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(link), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        shop.dbt("build", "--select", "fct_orders+", "--exclude-resource-types", "unit_test")
        publish(shop.warehouse, link, tables[:-1])
        publish(shop.warehouse, link, tables)
    finally:
        stop.touch()
        reads, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, "")
    assert int(reads) >= 3
