"""Landing a real-sized flat folder that nobody made for Trasos."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from trasos.landing import land
from trasos.landing.pseudonyms import Pseudonyms
from trasos.settings import Settings

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TRASOS_DATA") or ROOT.parent / "shared" / "data") / "thelook"


@pytest.mark.skipif(
    not (DATA / "events.parquet").exists(),
    reason="the thelook data are not here; set TRASOS_DATA to the folder that holds thelook/",
)
def test_thelook_lands_whole(settings: Settings) -> None:
    report = land("thelook", settings, inbox=DATA)
    assert report.refused == []
    assert report.events == 485_723
    assert [name for name, _ in report.tables] == [
        "distribution_centers",
        "inventory_items",
        "order_items",
        "orders",
        "products",
        "users",
    ]
    assert all(rows for _, rows in report.tables)
    found = duckdb.execute(
        f"""
        select
            count(*), approx_count_distinct(_content_hash) > 400_000,
            min(_line_number), max(_line_number)
        from '{settings.landing}/thelook/events/*/*/events.parquet'
        """
    ).fetchone()
    assert found == (485_723, True, 1, 485_723)
    assert_nothing_personal(settings)
    again = land("thelook", settings, inbox=DATA)
    assert (len(again.already), again.batches, again.tables) == (7, [], [])


def assert_nothing_personal(settings: Settings) -> None:
    """The columns are there, the persons are not, and what is harmless is as it was."""
    landed = settings.landing / "thelook"
    users, events = f"'{landed}/tables/users.parquet'", f"'{landed}/events/*/*/events.parquet'"
    persons = (
        "first_name", "last_name", "street_address", "postal_code", "latitude", "longitude",
    )  # fmt: skip
    counts = ", ".join(f"count({name})" for name in persons)
    assert duckdb.execute(f"select {counts} from {users}").fetchone() == (0,) * 6
    gone = duckdb.execute(f"select count(ip_address), count(postal_code) from {events}").fetchone()
    assert gone == (0, 0)
    key = os.environ["TRASOS_PSEUDONYM_KEY"].encode()
    found = duckdb.execute(f"select id, email from {users} order by id").fetchall()
    source = f"select id, email from '{DATA}/users.parquet' order by id"
    hashed = Pseudonyms(key).hashed
    assert found == [(id, hashed(email)) for id, email in duckdb.execute(source).fetchall()]
    harmless = "select id, age, gender, state, city, country, traffic_source, created_at from"
    assert not duckdb.execute(
        f"{harmless} {users} except {harmless} '{DATA}/users.parquet'"
    ).fetchall()
    names = f"select id, name from '{landed}/tables/products.parquet'"
    assert duckdb.execute(f"{names} where name is not null limit 1").fetchone()
