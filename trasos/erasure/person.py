"""Who a customer is in the warehouse: devices, times on shared devices, e-mail hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from trasos.landing.burial import PERSON_TABLES, plain
from trasos.landing.pseudonyms import ELSEWHERE
from trasos.landing.tombstones import Key, Span, Tombstone


@dataclass(frozen=True)
class Person:
    """A customer of one source, in the clear; never written to the disk.

    Attributes:
        source: name of the source.
        customer_id: the customer.
        devices: devices on which no other customer was seen.
        shared: devices that others used too, each with a time in which it was the person's.
        mails: hashes of e-mail addresses and the like that no other customer has.
    """

    source: str
    customer_id: str
    devices: frozenset[str] = frozenset()
    shared: tuple[tuple[str, datetime, datetime], ...] = ()
    mails: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        """All by which the person alone can be found; a shared device tells of others too."""
        return frozenset({self.customer_id}) | self.devices | self.mails

    def tombstone(self, key: Key) -> Tombstone:
        """What is to be kept of the person: hashes."""
        hashed = {device: key.hashed("device", device) for device, _, _ in self.shared}
        return Tombstone(
            source=self.source,
            key=key.mark,
            customer=key.hashed("customer", self.customer_id),
            devices=frozenset(key.hashed("device", device) for device in self.devices),
            spans=frozenset(Span(hashed[device], *times) for device, *times in self.shared),
            erased_at=datetime.now(UTC).replace(tzinfo=None),
        )


def find(
    warehouse: duckdb.DuckDBPyConnection | None, tables: Path, source: str, customer_id: str
) -> Person:
    """Look a customer up.

    Args:
        warehouse: has it attached as ``warehouse``; None where there is none.
        tables: landed tables of the source.
        source: name of the source.
        customer_id: whom to look for.
    """
    mails = _mails(tables, customer_id)
    if warehouse is None:
        return Person(source, customer_id, mails=mails)
    rows = warehouse.execute(_DEVICES, {"customer": customer_id, "source": source}).fetchall()
    own = frozenset(device for device, is_shared in rows if not is_shared)
    shared = [device for device, is_shared in rows if is_shared]
    spans = warehouse.execute(
        """
        select
            identities.visitor_id,
            identities.valid_from,
            -- What has no end yet ends now, or with what is known by now.
            least(identities.valid_to, greatest($now, max(events.event_at) + interval 1 second))
        from warehouse.main.int_identities as identities
        inner join warehouse.main.int_events_validated as events
            on identities.visitor_id = events.visitor_id
        where identities.customer_id = $customer and list_contains($shared, identities.visitor_id)
        group by identities.visitor_id, identities.valid_from, identities.valid_to
        """,
        {
            "customer": customer_id,
            "shared": shared,
            "now": datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=1),
        },
    ).fetchall()
    return Person(source, customer_id, own, tuple(spans), mails)


#: Devices on which the customer was seen, rejected rows included, and whether others were too.
_DEVICES = """
    with seen as (
        select visitor_id from warehouse.main.int_identities where customer_id = $customer
        union
        select visitor_id from warehouse.main.int_events_validated
        where source = $source and customer_id = $customer and trim(visitor_id) <> ''
    ),
    others as (
        select visitor_id from warehouse.main.int_identities where customer_id <> $customer
        union
        select visitor_id from warehouse.main.int_events_validated
        where customer_id <> $customer and trim(customer_id) <> ''
    )
    select visitor_id, visitor_id in (select visitor_id from others where visitor_id is not null)
    from seen
    where visitor_id in (
        select visitor_id from warehouse.main.int_events_validated where source = $source
    )
    order by visitor_id
"""


def _mails(tables: Path, customer_id: str) -> frozenset[str]:
    """Hashes of the customer's addresses, telephone numbers and accounts."""
    found: set[str] = set()
    for entity, keys in PERSON_TABLES.items():
        path = tables / f"{entity}.parquet"
        if not path.is_file():
            continue
        table = pq.ParquetFile(path).read()
        ids = [name for name in table.column_names if plain(name) in keys]
        hashed = [name for name in table.column_names if ELSEWHERE.verdict(name) == "hash"]
        for name in ids:
            texts = [str(one) for one in table.column(name).to_pylist()]
            if customer_id not in texts:
                continue
            for column in hashed:
                values = table.column(column).to_pylist()
                own = {v for v, one in zip(values, texts, strict=True) if one == customer_id and v}
                others = {
                    v
                    for v, one in zip(values, texts, strict=True)
                    if one != customer_id and v in own
                }
                found |= {str(value) for value in own - others}
    return frozenset(found)
