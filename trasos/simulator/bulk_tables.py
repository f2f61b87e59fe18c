"""The shop's tables beside bulk events, in the shape of ``tables``."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trasos.simulator.bulk_days import BulkOrders, BulkShop
from trasos.simulator.campaigns import CAMPAIGNS
from trasos.simulator.catalogue import Ints
from trasos.simulator.config import DAY_MS
from trasos.simulator.tables import MONEY, moments
from trasos.simulator.vocabulary import BRANDS, CATEGORIES, COLOURS
from trasos.simulator.write import write_tables


def ids(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Ids such as ``p000001`` from 0-based numbers."""
    digits = pc.utf8_lpad(pa.array(numbers + 1).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def money(cents: Ints) -> pa.Array:
    """Cents as exact decimals with two places, without a Python object for each."""
    hundredth = pa.scalar("0.01").cast(pa.decimal128(3, 2))
    whole = pa.array(cents).cast(pa.decimal128(19, 0)).cast(pa.decimal128(21, 2))
    return pc.multiply(whole, hundredth).cast(MONEY)


def same(value: str, count: int) -> pa.Array:
    """One text, repeated."""
    return pa.repeat(pa.scalar(value), count)


def write_bulk_tables(
    shop: BulkShop, orders: BulkOrders, folder: Path, start: date, days: int
) -> None:
    """Write all seven tables; every order has one line, no discount and no return."""
    products = np.arange(shop.products)
    price = shop.price_cents(products)
    kinds = [CATEGORIES[k % len(CATEGORIES)] for k in range(shop.products)]
    customer = np.concatenate(orders.customer)
    ordered = np.concatenate(orders.ordered_ms)
    product = np.concatenate(orders.product)
    number = np.arange(orders.count)
    # Devices 0..3 of each ten are known ones, two to a customer.
    everyone = np.arange((shop.visitors + 9) // 10 * 2)
    nothing = np.zeros(orders.count, dtype=np.int64)
    before = np.full(shop.products, shop.start_ms - 30 * DAY_MS)
    last = start + timedelta(days=days - 1)
    spend_days = [start + timedelta(days=d) for d in range(days)]
    tables = {
        "products": pa.table(
            {
                "product_id": ids("p", products, 6),
                "product_name": [f"{k.materials[0]} {k.nouns[0]}" for k in kinds],
                "department": [k.department for k in kinds],
                "category": [k.name for k in kinds],
                "brand": [BRANDS[k % len(BRANDS)] for k in range(shop.products)],
                "colour": [COLOURS[k % len(COLOURS)][0] for k in range(shop.products)],
                "size_range": [f"{k.sizes[0]}-{k.sizes[-1]}" for k in kinds],
                "price": money(price),
                "cost": money(price * 2 // 5),
                "currency": same("EUR", shop.products),
                "launched_at": moments(before),
                "description": [f"{k.nouns[0]} for {k.department}." for k in kinds],
            }
        ),
        "customers": pa.table(
            {
                "customer_id": ids("c", everyone, 8),
                "email": pc.binary_join_element_wise(
                    ids("c", everyone, 8), same("@example.com", len(everyone)), ""
                ),
                "registered_at": moments(np.full(len(everyone), shop.start_ms)),
                "country": same("DE", len(everyone)),
                "city": same("Berlin", len(everyone)),
            }
        ),
        "orders": pa.table(
            {
                "order_id": ids("o", number, 9),
                "customer_id": ids("c", customer, 8),
                "ordered_at": moments(ordered),
                "status": same("completed", orders.count),
                "discount": money(nothing),
                "shipping": money(nothing),
                "tax": money(nothing),
                "currency": same("EUR", orders.count),
            }
        ),
        "order_items": pa.table(
            {
                "order_item_id": ids("i", number, 9),
                "order_id": ids("o", number, 9),
                "product_id": ids("p", product, 6),
                "quantity": nothing + 1,
                "unit_price": money(shop.price_cents(product)),
                "unit_cost": money(shop.price_cents(product) * 2 // 5),
                "size": same("M", orders.count),
            }
        ),
        "returns": pa.schema(
            [
                ("return_id", pa.string()),
                ("order_item_id", pa.string()),
                ("returned_at", pa.timestamp("us")),
                ("quantity", pa.int64()),
                ("refund", MONEY),
            ]
        ).empty_table(),
        "stock": pa.table(
            {
                "product_id": ids("p", products, 6),
                "stock_date": pa.array([last] * shop.products, type=pa.date32()),
                "units": products % 97 + 3,
            }
        ),
        "spend": pa.table(
            {
                "spend_date": pa.array(
                    [day for day in spend_days for _ in CAMPAIGNS], type=pa.date32()
                ),
                "channel": [c.channel for c in CAMPAIGNS] * days,
                "campaign": [c.name for c in CAMPAIGNS] * days,
                "amount": money(np.array([100 * c.cents_per_click for c in CAMPAIGNS] * days)),
                "currency": same("EUR", days * len(CAMPAIGNS)),
                "impressions": [int(100 / c.click_rate) for c in CAMPAIGNS] * days,
                "clicks": [100] * (days * len(CAMPAIGNS)),
            }
        ),
    }
    write_tables(tables, folder)
