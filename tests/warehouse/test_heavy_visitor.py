"""One visitor with a million events neither stalls a build nor breaks its memory."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.warehouse.home import Home
from tests.warehouse.test_incremental import EVENT_LAYERS, write_tables

EVENTS = 1_000_000


@pytest.mark.slow
def test_one_visitor_with_a_million_events_is_one_bot(tmp_path: Path) -> None:
    """Every tenth event shows the two products that all others look at: the worst for outcomes."""
    home = Home(tmp_path)
    write_tables(home)
    file = home.settings.inbox / "shop/events/a.parquet"
    file.parent.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select
                    'm' || n as message_id,
                    'track' as type,
                    case when n % 10 = 0 then 'Product List Viewed' else 'Product Viewed' end
                        as event,
                    case when n % 100 = 1 then 'person' || n else 'heavy' end as anonymous_id,
                    null::varchar as user_id,
                    strftime(timestamp '2026-06-01' + n * interval 80 millisecond,
                        '%Y-%m-%dT%H:%M:%S.%gZ') as original_timestamp,
                    null::varchar as sent_at,
                    null::varchar as received_at,
                    case when n % 10 = 0
                        then '{{"products":[{{"product_id":"p0"}},{{"product_id":"p1"}}]}}'
                        else '{{"product_id":"p' || n % 2 || '"}}'
                    end as properties,
                    '{{}}' as context
                from range({EVENTS}) as numbers(n)
            ) to '{file}' (format parquet)
            """
        )
    home.land()
    home.dbt(*EVENT_LAYERS)
    assert home.one("select count(*) from int_events_accepted") == EVENTS
    heavy = home.query("select event_count, bot_rule from int_sessions where visitor_id = 'heavy'")
    assert heavy == [(EVENTS * 99 // 100, "burst")]
    assert home.one("select count(*) from int_visitor_slots where visitor_id = 'heavy'") == 45
    assert home.one("select count(*) from fct_sessions") == EVENTS // 100
    # Shown over and over, and looked at again each time but at the very end.
    shown, viewed = home.query("select count(*), count(*) filter (is_viewed) from int_impressions")[
        0
    ]
    assert shown == 2 * EVENTS // 10
    assert viewed == shown
