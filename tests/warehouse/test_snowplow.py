"""A third source with known answers: Snowplow's demo shop, added as docs/add_a_source.md says."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.warehouse.home import ROOT, Home

SNOWPLOW = ROOT / os.environ.get("TRASOS_DATA", "../shared/data") / "snowplow_ecommerce"
NOT_THERE = f"the demo shop is not in TRASOS_DATA ({SNOWPLOW}): set it to the data sets' folder"
EVENTS = SNOWPLOW / "source/snowplow_ecommerce_events.csv"
GOLDEN = f"{SNOWPLOW}/expected/snowplow_ecommerce_{{}}_expected.csv"

pytestmark = pytest.mark.skipif(not SNOWPLOW.exists(), reason=NOT_THERE)


def blocks_of(page: Path) -> Iterator[tuple[str, str]]:
    """Each fenced block of a page that begins with the name of a file, and that name."""
    for block in re.findall(r"^```\w+\n(# .*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        name, _, content = block.removeprefix("# ").partition("\n")
        yield name, content


def merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: merged(below.get(key), value) for key, value in above.items()}


def project_with_snowplow(folder: Path) -> Path:
    """A copy of the dbt project with what the page tells a user to write."""
    for part in ("models", "macros", "seeds", "python_models", "tests/dbt"):
        shutil.copytree(ROOT / part, folder / part)
    for file in ("dbt_project.yml", "vars.yml", "profiles.yml"):
        shutil.copy(ROOT / file, folder)
    shutil.copytree(ROOT / "tests/warehouse/snowplow", folder / "models/staging/snowplow")
    for name, content in blocks_of(ROOT / "docs/add_a_source.md"):
        file = folder / name
        if file.suffix == ".csv":
            file.write_text(file.read_text().rstrip("\n") + "\n" + content)
        else:
            changed = merged(yaml.safe_load(file.read_text()), yaml.safe_load(content))
            file.write_text(yaml.safe_dump(changed))
    return folder


def as_wide_rows(source: Path, target: Path) -> None:
    """The CSV as Snowplow writes rows to a lake: contexts as objects, no key where no value."""
    target.parent.mkdir(parents=True)
    with source.open(newline="") as table, target.open("w") as file:
        for row in csv.DictReader(table):
            event = {
                name: json.loads(text) if name.startswith(("contexts_", "unstruct_")) else text
                for name, text in row.items()
                if text != ""
            }
            file.write(json.dumps(event) + "\n")


@pytest.fixture(scope="module")
def snowplow(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("snowplow")
    home = Home(folder / "home", "snowplow", project_with_snowplow(folder / "project"))
    as_wide_rows(EVENTS, home.settings.inbox / "snowplow/events/enriched.jsonl")
    home.land()
    home.dbt(
        *("build", "--exclude-resource-types", "unit_test"),
        *("--select", "+fct_sessions", "+fct_orders", "+fct_impressions"),
        *("+rpt_event_conservation", "--indirect-selection", "buildable"),
    )
    return home


def test_every_raw_event_is_accounted_for(snowplow: Home) -> None:
    """The one that Snowplow's settings leave out is of another application, and bears its name.

    It has no visitor either, and that rule comes first.
    """
    assert snowplow.query(
        "select line_count, accepted_count, duplicated_count, rejected_count, dead_letter_count "
        "from rpt_event_conservation"
    ) == [(833, 832, 0, 1, 0)]
    assert snowplow.query(
        "select event_type, reject_reason from int_events_judged where verdict = 'rejected'"
    ) == [("app skip-me", "no_visitor_id")]


def test_actions_are_counted_as_snowplow_counts_them(snowplow: Home) -> None:
    """Its product views are views of a product and views of a list, 179 + 100."""
    counts = dict(
        snowplow.query("select event_type, count(*) from int_events_accepted group by all")
    )
    assert counts == {
        "action_unnamed": 410,
        "checkout_started": 38,
        "order_completed": 14,
        "order_refunded": 1,
        "product_added": 38,
        "product_clicked": 35,
        "product_list_viewed": 100,
        "product_removed": 15,
        "product_viewed": 179,
        "promotion_clicked": 1,
        "promotion_viewed": 1,
    }
    assert counts["product_viewed"] + counts["product_list_viewed"] == 279
    assert snowplow.query(
        "select sum(product_view_count), sum(order_event_count) from fct_sessions"
    ) == [(179, 14)]


@pytest.fixture(scope="module")
def theirs_and_ours(snowplow: Home) -> list[tuple[Any, ...]]:
    """For each of Snowplow's sessions its golden row's counts, ours, and our sessions in it."""
    with duckdb.connect(str(snowplow.warehouse), read_only=True) as connection:
        return connection.execute(
            f"""
            with events as (
                select
                    sessionized.*,
                    coalesce(
                        raw.domain_sessionid,
                        raw.contexts_com_snowplowanalytics_snowplow_client_session_1_0_1
                            ->> '$[0].sessionId'
                    ) as their_id
                from int_events_sessionized as sessionized
                inner join read_csv('{EVENTS}', all_varchar = true) as raw using (event_id)
            ),
            ours as (
                select
                    their_id,
                    count(distinct session_id) as sessions,
                    min(session_id) as session_id,
                    count(*) filter (
                        event_type in ('product_viewed', 'product_list_viewed')
                    ) as views,
                    count(*) filter (event_type = 'product_added') as adds,
                    count(*) filter (event_type = 'product_removed') as removes,
                    count(*) filter (event_type = 'order_completed') as transactions
                from events
                group by their_id
            )
            select
                golden.domain_sessionid,
                [number_product_views, number_add_to_carts, number_remove_from_carts,
                 coalesce(total_number_transactions, 0)],
                [views, adds, removes, transactions],
                sessions,
                session_id
            from read_csv('{GOLDEN.format("sessions")}') as golden
            full join ours on golden.domain_sessionid = ours.their_id
            """
        ).fetchall()


def test_its_own_sessions_are_ours(snowplow: Home, theirs_and_ours: list[tuple[Any, ...]]) -> None:
    """63 of each, one for one: Snowplow's trackers end a visit after half an hour too, by default.

    Within none of its sessions there is a longer gap, and between no two of a visitor a shorter.
    """
    assert len(theirs_and_ours) == 63
    assert [row[3] for row in theirs_and_ours] == [1] * 63
    assert len({row[4] for row in theirs_and_ours}) == 63
    assert snowplow.one("select count(*) from fct_sessions") == 63
    assert snowplow.one("select count(distinct visitor_id) from fct_sessions") == 60


def test_each_session_has_the_golden_counts(theirs_and_ours: list[tuple[Any, ...]]) -> None:
    assert [row[1] for row in theirs_and_ours] == [row[2] for row in theirs_and_ours]
    golden = [sum(column) for column in zip(*(row[1] for row in theirs_and_ours), strict=True)]
    assert golden == [279, 38, 15, 14]


def test_revenue_to_the_cent(snowplow: Home) -> None:
    """What was paid, with shipping and tax, as orders say it and as their lines and fees sum up."""
    assert snowplow.query(
        "select count(*), sum(revenue)::varchar from stg_snowplow__transactions"
    ) == [(14, "1466094.89")]
    assert snowplow.query(
        "select count(*), count(session_id), sum(net_revenue + shipping + tax)::varchar, "
        "sum(item_count) from fct_orders"
    ) == [(14, 14, "1466094.89", 19)]


def test_what_products_leave_unexplained_is_told(snowplow: Home) -> None:
    """17 products; two orders of the demo shop say far more than their products cost."""
    assert snowplow.one("select count(product_id) from fct_order_items") == 17
    assert snowplow.query(
        "select order_id, unit_price::varchar from fct_order_items where product_id is null "
        "order by order_id"
    ) == [("TOG6u9", "1234539.69"), ("id-123", "231131.01")]


def test_every_shown_product_is_an_impression(snowplow: Home) -> None:
    """As many as Snowplow's golden table of product interactions has of lists."""
    golden = duckdb.sql(
        f"""
        select count(*) from read_csv('{GOLDEN.format("product_interactions")}', all_varchar = true)
        where product_view_type = 'list_view'
        """
    ).fetchall()
    assert golden == snowplow.query("select count(*) from fct_impressions") == [(199,)]


def test_no_address_of_a_person_lands(snowplow: Home) -> None:
    landed = snowplow.settings.landing / "snowplow/events/*/*/events.parquet"
    raw, kept = duckdb.sql(
        f"""
        select
            (select count(*) from read_text('{EVENTS}') where content like '%peter@snowplow%'),
            (select count(*) from '{landed}'
                where extra similar to '.*(@snowplow|latitude|user_ipaddress|zipcode).*')
        """
    ).fetchall()[0]
    assert (raw, kept) == (1, 0)
