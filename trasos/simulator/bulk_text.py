"""The text of bulk events: two small libraries, and one query that puts the JSON together."""

from __future__ import annotations

import numpy as np
import orjson
import pyarrow as pa

from trasos.simulator.bulk_days import CONTEXT_LIBRARY, LIST_LIBRARY, Flaw
from trasos.simulator.campaigns import CAMPAIGNS
from trasos.simulator.log import EVENT_NAMES, Kind
from trasos.simulator.people import DEVICE_TYPES
from trasos.simulator.shelves import LISTS
from trasos.simulator.vocabulary import COUNTRIES, USER_AGENTS


def context_library() -> pa.Table:
    """Endings of the ``context`` object, all after its page: context BIGINT, tail VARCHAR.

    The second half of them carries a campaign.
    """
    tails = []
    for number in range(CONTEXT_LIBRARY):
        kind = DEVICE_TYPES[(number % 60) % len(DEVICE_TYPES)]
        country, _, locale, _ = COUNTRIES[(number % 60) // 3 % len(COUNTRIES)]
        agents = USER_AGENTS[kind]
        content: dict[str, object] = {
            "userAgent": agents[number % len(agents)],
            "ip": f"192.0.2.{number % 60 + 1}",
            "locale": locale,
            "device": {"type": kind},
            "country": country,
        }
        if number >= CONTEXT_LIBRARY // 2:
            campaign = CAMPAIGNS[number % len(CAMPAIGNS)]
            content["campaign"] = {
                "source": campaign.source,
                "medium": campaign.medium,
                "name": campaign.name,
            }
        tails.append(orjson.dumps(content).decode()[1:])
    return pa.table({"context": np.arange(CONTEXT_LIBRARY), "tail": tails})


def list_library(products: int, seed: int) -> pa.Table:
    """Ready lists of twelve products: listing BIGINT, list_properties VARCHAR."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2**31,)))
    texts = []
    for number in range(LIST_LIBRARY):
        picks = rng.choice(products, 12, replace=False).tolist()
        name = LISTS[number % len(LISTS)]
        content: dict[str, object] = {
            "list_id": name,
            "category": "Dresses",
            "products": [
                {"product_id": f"p{pick + 1:06d}", "position": place}
                for place, pick in enumerate(picks, start=1)
            ],
        }
        if name == "recommended":
            content["recommendation_id"] = f"r{number:08d}"
        texts.append(orjson.dumps(content).decode())
    return pa.table({"listing": np.arange(LIST_LIBRARY), "list_properties": texts})


def _moment(column: str) -> str:
    return f"strftime(make_timestamp_ms({column}), '%Y-%m-%dT%H:%M:%S.%gZ')"


def _uuid(high: str, low: str) -> str:
    return f"((({high}::uhugeint << 64) | {low}::uhugeint)::uuid::varchar)"


def events_query() -> str:
    """SELECT of landed events from ``numbers``, ``contexts`` and ``lists``.

    Parameters: ``source_file``, ``batch_id``, ``loaded_at``. The row order is that of ``numbers``.
    """
    names = " ".join(f"when {int(kind)} then '{name}'" for kind, name in EVENT_NAMES.items())
    k = {kind.name: int(kind) for kind in Kind}
    lists = "list_value(" + ", ".join(f"'{name}'" for name in LISTS) + ")"
    return f"""
    with typed as (
        select
            *,
            case when flaw = {int(Flaw.NO_EVENT_ID)} then null
                else {_uuid("id_high", "id_low")} end as message_id,
            'p' || lpad((product + 1)::varchar, 6, '0') as product_id,
            case when customer >= 0 then 'c' || lpad((customer + 1)::varchar, 8, '0') end
                as user_id,
            (price_cents // 100)::varchar || '.' || lpad((price_cents % 100)::varchar, 2, '0')
                as price
        from numbers
    )
    select
        message_id,
        case kind when {k["PAGE"]} then 'page' when {k["IDENTIFY"]} then 'identify'
            else 'track' end as type,
        case when kind in ({k["PAGE"]}, {k["IDENTIFY"]}) then null
            when flaw = {int(Flaw.UNKNOWN_EVENT_TYPE)} then 'Page Ping'
            else case kind {names} end end as event,
        case when flaw = {int(Flaw.NO_VISITOR_ID)} then null
            else {_uuid("visitor_high", "visitor_low")} end as anonymous_id,
        user_id,
        case when flaw = {int(Flaw.UNREADABLE_TIME)} then 'yesterday'
            else {_moment("original_ms")} end as original_timestamp,
        {_moment("sent_ms")} as sent_at,
        {_moment("received_ms")} as received_at,
        case
            when kind = {k["LIST_VIEWED"]} then list_properties
            when kind = {k["CLICKED"]} then '{{"product_id":"' || product_id || '","list_id":"'
                || {lists}[1 + listing % {len(LISTS)}] || '","position":' || position::varchar
                || case when listing % {len(LISTS)} = {LISTS.index("recommended")}
                    then ',"recommendation_id":"r' || lpad(listing::varchar, 8, '0') || '"}}'
                    else '}}' end
            when kind = {k["VIEWED"]} then '{{"product_id":"' || product_id || '","price":'
                || price || ',"currency":"EUR","category":"Dresses","brand":"Aldermoor"}}'
            when kind = {k["SCROLLED"]} then '{{"product_id":"' || product_id
                || '","depth":0.' || (position * 7)::varchar || ',"dwell_ms":'
                || (position * 1700)::varchar || '}}'
            when kind = {k["ADDED"]} then '{{"product_id":"' || product_id
                || '","quantity":1,"price":' || price
                || ',"currency":"EUR","size":"M","cart_id":"cart' || cart::varchar || '"}}'
            when kind = {k["CART_VIEWED"]} then '{{"cart_id":"cart' || cart::varchar || '"}}'
            when kind = {k["CHECKOUT"]} then '{{"cart_id":"cart' || cart::varchar
                || '","value":' || price || ',"currency":"EUR"}}'
            when kind = {k["ORDER"]} then '{{"order_id":"o' || lpad((order_no + 1)::varchar, 9, '0')
                || '","revenue":' || price
                || ',"discount":0.0,"shipping":0.0,"tax":0.0,"currency":"EUR","products":'
                || '[{{"product_id":"' || product_id || '","quantity":1,"price":' || price
                || ',"size":"M"}}]}}'
            when kind = {k["PAGE"]} then '{{"path":"/","title":"Home"}}'
            else '{{}}'
        end as properties,
        '{{"page":{{"path":"' || case when kind in ({k["PAGE"]}, {k["LIST_VIEWED"]}) then '/'
            else '/product/' || product_id end || '","referrer":"https://shop.example/"}},' || tail
            as context,
        case when kind = {k["IDENTIFY"]} then '{{"email":"' || user_id || '@example.com"}}' end
            as traits,
        null::varchar as extra,
        $source_file as _source_file,
        line as _line_number,
        $batch_id as _batch_id,
        $loaded_at::timestamp as _loaded_at,
        md5(coalesce(message_id, '') || received_ms::varchar || id_low::varchar) as _content_hash
    from typed
    inner join contexts using (context)
    inner join lists using (listing)
    """
