"""What a build says of input that it cannot use: what is wrong, where, and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.home import Home


def refused(home: Home, *arguments: str, variables: str | None = None) -> str:
    """What dbt said when it refused to build, on one line."""
    done = home.dbt("build", *arguments, variables=variables, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    return " ".join(done.stdout.split())


def test_nothing_landed(tmp_path: Path) -> None:
    said = refused(Home(tmp_path))
    assert "Nothing is landed for shop." in said
    assert "Run `trasos land --source shop` first" in said


def test_a_source_that_does_not_exist(tmp_path: Path) -> None:
    said = refused(Home(tmp_path), variables="{event_sources: [shpo]}")
    assert "name 'shpo', but models/staging/ has no such source: it has shop, thelook." in said
    assert "Correct the name in vars.yml" in said


@pytest.fixture
def landed(inbox_of_a_shop: Home, tmp_path: Path) -> Home:
    """A landing of one's own, to spoil."""
    home = Home(tmp_path)
    shutil.copytree(
        inbox_of_a_shop.settings.inbox / "shop/tables", home.settings.inbox / "shop/tables"
    )
    first = sorted((inbox_of_a_shop.settings.inbox / "shop/events").rglob("*.gz"))[0]
    (home.settings.inbox / "shop/events").mkdir()
    shutil.copy(first, home.settings.inbox / "shop/events/")
    home.land()
    return home


def spoiled(home: Home, columns: str) -> None:
    file = home.settings.landing / "shop/tables/products.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table products as select {columns} from '{file}'")
        connection.execute(f"copy products to '{file}'")


def test_a_run_asks_only_for_what_it_reads(landed: Home) -> None:
    """What is read through views counts, what nobody selected does not."""
    (landed.settings.landing / "shop/tables/products.parquet").unlink()
    assert "Nothing is landed for shop.products:" in refused(landed, "--select", "dim_products")
    landed.dbt("run", "--select", "stg_shop__events", "int_orders_unioned", "stg_shop__orders")


def test_a_missing_column(landed: Home) -> None:
    spoiled(landed, "* exclude (brand)")
    said = refused(landed)
    assert "shop.products lacks the column brand (VARCHAR)" in said
    assert "Have the shop deliver it and land again" in said


def test_a_wrong_type(landed: Home) -> None:
    spoiled(landed, "* replace ('cheap' as price)")
    said = refused(landed)
    assert "shop.products.price is VARCHAR, wanted DOUBLE" in said


def test_the_rows_of_another_shop(shop: Home, tmp_path: Path) -> None:
    """The incremental tables of one shop are not continued with another's."""
    home = Home(tmp_path, source="thelook")
    home.warehouse.parent.mkdir()
    shutil.copy(shop.warehouse, home.warehouse)
    said = refused(home)
    assert "holds events of 'shop', which the var event_sources does not name (thelook)" in said
    assert "Build with --full-refresh" in said
