"""The shop's own tables, as its database would dump them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa

from trasos.simulator.campaigns import spend_table
from trasos.simulator.catalogue import Ints
from trasos.simulator.config import DAY_MS
from trasos.simulator.envelope import customer_email
from trasos.simulator.log import Kind
from trasos.simulator.vocabulary import BRANDS, CATEGORIES, COLOURS, COUNTRIES
from trasos.simulator.world import World

MONEY = pa.decimal128(12, 2)
MOMENT = pa.timestamp("us")


def money(cents: Ints) -> pa.Array:
    """Cents as exact decimals with two places."""
    return pa.array([Decimal(value).scaleb(-2) for value in cents.tolist()], type=MONEY)


def moments(milliseconds: Ints) -> pa.Array:
    """Milliseconds since 1970 UTC as timestamps without zone."""
    return pa.array(milliseconds.astype(np.int64) * 1_000, type=pa.int64()).cast(MOMENT)


def constant(value: str, count: int) -> pa.Array:
    """One text, repeated."""
    return pa.array([value] * count, type=pa.string())


def customers_of(world: World) -> tuple[Ints, Ints]:
    """People who identified within the period, by customer id, and when they registered (ms).

    An account is opened at the first login, unless the person had one before the period.
    """
    log = world.timeline.log
    logins = np.flatnonzero(log.kind == Kind.IDENTIFY)
    person = world.known[logins]
    first = np.full(len(world.people), np.iinfo(np.int64).max)
    np.minimum.at(first, person, world.timeline.at_ms[logins])
    rng = world.config.stream("registration")
    earlier = world.config.start_ms - rng.integers(DAY_MS, 700 * DAY_MS, len(world.people))
    registered = np.where(world.people.registered_before, earlier, first)
    known = np.flatnonzero(first < np.iinfo(np.int64).max)
    order = np.argsort(np.array(world.people.customer_ids)[known], kind="stable")
    return known[order], registered[known[order]]


def build_tables(world: World) -> dict[str, pa.Table]:
    """All tables by name: products, customers, orders, order_items, returns, stock, spend."""
    visits, config = world.visits, world.config
    kept = world.timeline.kept
    return {
        "products": _products(world),
        "customers": _customers(world),
        "orders": _orders(world),
        "order_items": _order_items(world),
        "returns": _returns(world),
        "stock": _stock(world),
        "spend": spend_table(config, visits.campaign[kept], visits.days(config)[kept]),
    }


def _products(world: World) -> pa.Table:
    catalogue = world.catalogue
    kinds = [CATEGORIES[k] for k in catalogue.category.tolist()]
    return pa.table(
        {
            "product_id": catalogue.product_ids,
            "product_name": catalogue.names,
            "department": [kind.department for kind in kinds],
            "category": [kind.name for kind in kinds],
            "brand": [BRANDS[k] for k in catalogue.brand.tolist()],
            "colour": [COLOURS[k][0] for k in catalogue.colour.tolist()],
            "size_range": [
                kind.sizes[0] if len(kind.sizes) == 1 else f"{kind.sizes[0]}-{kind.sizes[-1]}"
                for kind in kinds
            ],
            "price": money(catalogue.price_cents),
            "cost": money(catalogue.cost_cents),
            "currency": constant(world.config.currency, len(kinds)),
            "launched_at": moments(catalogue.launched_ms),
            "description": catalogue.descriptions,
        }
    )


def _customers(world: World) -> pa.Table:
    people = world.people
    person, registered = customers_of(world)
    ids = [people.customer_ids[k] for k in person.tolist()]
    return pa.table(
        {
            "customer_id": pa.array(ids, type=pa.string()),
            "email": pa.array([customer_email(name) for name in ids], type=pa.string()),
            "registered_at": moments(registered),
            "country": pa.array(
                [COUNTRIES[k][0] for k in people.country[person].tolist()], type=pa.string()
            ),
            "city": pa.array([people.city[k] for k in person.tolist()], type=pa.string()),
        }
    )


def _orders(world: World) -> pa.Table:
    orders, people = world.orders, world.people
    buyers = world.visits.person[orders.session].tolist()
    count = len(buyers)
    return pa.table(
        {
            "order_id": pa.array([orders.order_id(k) for k in range(count)], type=pa.string()),
            "customer_id": pa.array([people.customer_ids[k] for k in buyers], type=pa.string()),
            "ordered_at": moments(orders.ordered_ms),
            "status": pa.array(orders.status, type=pa.string()),
            "discount": money(orders.discount),
            "shipping": money(orders.shipping),
            "tax": money(orders.tax),
            "currency": constant(world.config.currency, count),
        }
    )


def _line_id(number: int) -> str:
    return f"i{number + 1:08d}"


def _order_items(world: World) -> pa.Table:
    orders, catalogue = world.orders, world.catalogue
    product = orders.line_product
    kinds = [CATEGORIES[k] for k in catalogue.category[product].tolist()]
    return pa.table(
        {
            "order_item_id": pa.array([_line_id(k) for k in range(len(kinds))], type=pa.string()),
            "order_id": pa.array(
                [orders.order_id(k) for k in orders.line_order.tolist()], type=pa.string()
            ),
            "product_id": pa.array(
                [catalogue.product_ids[k] for k in product.tolist()], type=pa.string()
            ),
            "quantity": pa.array(orders.line_quantity, type=pa.int64()),
            "unit_price": money(catalogue.price_cents[product]),
            "unit_cost": money(catalogue.cost_cents[product]),
            "size": pa.array(
                [k.sizes[s] for k, s in zip(kinds, orders.line_size.tolist(), strict=True)],
                type=pa.string(),
            ),
        }
    )


def _returns(world: World) -> pa.Table:
    orders = world.orders
    order = np.argsort(orders.returned_ms, kind="stable")
    count = len(order)
    return pa.table(
        {
            "return_id": pa.array([f"b{k + 1:07d}" for k in range(count)], type=pa.string()),
            "order_item_id": pa.array(
                [_line_id(k) for k in orders.return_line[order].tolist()], type=pa.string()
            ),
            "returned_at": moments(orders.returned_ms[order]),
            "quantity": pa.array(orders.return_quantity[order], type=pa.int64()),
            "refund": money(orders.refund[order]),
        }
    )


def _stock(world: World) -> pa.Table:
    """Units at the end of each day; new goods come on Mondays, and some products run out."""
    config, catalogue, orders = world.config, world.catalogue, world.orders
    rng = config.stream("stock")
    n = len(catalogue.product_ids)
    sold = np.zeros((config.days, n), dtype=np.int64)
    day_of = (orders.ordered_ms - config.start_ms) // DAY_MS
    np.add.at(sold, (day_of[orders.line_order], orders.line_product), orders.line_quantity)
    units = rng.negative_binomial(2, 0.05, n) + 5
    reordered = rng.random(n) < 0.85
    launch_day = np.maximum((catalogue.launched_ms - config.start_ms) // DAY_MS, 0)
    days, products, levels = [], [], []
    first = config.start_date
    for day in range(config.days):
        monday = (first.toordinal() + day - 1) % 7 == 0
        low = reordered & (units < 10) & monday
        units = units + np.where(low, rng.integers(20, 60, n), 0)
        # The shop never sells what it has not got: goods arrive in time for what was ordered.
        units = np.maximum(units - sold[day], 0)
        on_sale = np.flatnonzero(launch_day <= day)
        days.append(np.full(len(on_sale), config.start_ms // DAY_MS + day, dtype=np.int32))
        products.append(on_sale)
        levels.append(units[on_sale])
    number = np.concatenate(products)
    return pa.table(
        {
            "product_id": pa.array(catalogue.product_ids).take(pa.array(number)),
            "stock_date": pa.array(np.concatenate(days)).cast(pa.date32()),
            "units": pa.array(np.concatenate(levels), type=pa.int64()),
        }
    )
