from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from trasos.simulator.tables import build_tables
from trasos.simulator.world import World

from .conftest import Shop

SCHEMAS: dict[str, list[str]] = {
    "products": [
        "product_id", "product_name", "department", "category", "brand", "colour", "size_range",
        "price", "cost", "currency", "launched_at", "description",
    ],
    "customers": ["customer_id", "email", "registered_at", "country", "city"],
    "orders": [
        "order_id", "customer_id", "ordered_at", "status", "discount", "shipping", "tax",
        "currency",
    ],
    "order_items": [
        "order_item_id", "order_id", "product_id", "quantity", "unit_price", "unit_cost", "size",
    ],
    "returns": ["return_id", "order_item_id", "returned_at", "quantity", "refund"],
    "stock": ["product_id", "stock_date", "units"],
    "spend": [
        "spend_date", "channel", "campaign", "amount", "currency", "impressions", "clicks",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_columns_and_types(shop: Shop, name: str) -> None:
    table = shop.table(name)
    assert table.column_names == SCHEMAS[name]
    assert table.num_rows > 0
    for field in table.schema:
        if field.name.endswith("_at"):
            assert field.type == pa.timestamp("us")
        if field.name.endswith("_date"):
            assert field.type == pa.date32()
        if field.name in {"price", "cost", "discount", "refund", "amount", "unit_price"}:
            assert field.type == pa.decimal128(12, 2)
        assert table[field.name].null_count == 0


@pytest.fixture(scope="module")
def tables(world: World) -> dict[str, list[dict[str, Any]]]:
    return {
        name: table.to_pylist() for name, table in build_tables(world).items() if name != "stock"
    }


def test_keys_are_unique_and_found(tables: dict[str, list[dict[str, Any]]]) -> None:
    def keys(name: str, column: str) -> set[str]:
        found = [row[column] for row in tables[name]]
        assert len(set(found)) == len(found)
        return set(found)

    products = keys("products", "product_id")
    customers = keys("customers", "customer_id")
    orders = keys("orders", "order_id")
    items = keys("order_items", "order_item_id")
    keys("returns", "return_id")
    assert {row["customer_id"] for row in tables["orders"]} <= customers
    assert {row["order_id"] for row in tables["order_items"]} == orders
    assert {row["product_id"] for row in tables["order_items"]} <= products
    assert {row["order_item_id"] for row in tables["returns"]} <= items


def test_money_adds_up_to_the_cent(tables: dict[str, list[dict[str, Any]]]) -> None:
    items: dict[str, Decimal] = defaultdict(Decimal)
    order_of: dict[str, str] = {}
    for row in tables["order_items"]:
        items[row["order_id"]] += row["unit_price"] * row["quantity"]
        order_of[row["order_item_id"]] = row["order_id"]
        assert 0 < row["unit_cost"] < row["unit_price"]
    refunds: dict[str, Decimal] = defaultdict(Decimal)
    for row in tables["returns"]:
        refunds[order_of[row["order_item_id"]]] += row["refund"]
        assert row["refund"] > 0
    reduced = 0
    for order in tables["orders"]:
        net = items[order["order_id"]] - order["discount"]
        cent = Decimal("0.01")
        assert order["tax"] == (net * Decimal("0.19")).quantize(cent, ROUND_HALF_UP)
        assert order["shipping"] == (Decimal("4.95") if net < 60 else Decimal(0))
        refund = refunds.get(order["order_id"], Decimal(0))
        assert 0 <= refund <= net
        if order["status"] == "returned":
            assert refund == net
        if order["status"] == "cancelled":
            assert refund == 0
        reduced += order["discount"] > 0
    assert 0.05 < reduced / len(tables["orders"]) < 0.35


def test_statuses_and_moments_make_sense(
    world: World, tables: dict[str, list[dict[str, Any]]]
) -> None:
    statuses = {row["status"] for row in tables["orders"]}
    assert statuses == {"completed", "cancelled", "returned", "processing", "shipped"}
    registered = {row["customer_id"]: row["registered_at"] for row in tables["customers"]}
    ordered = {row["order_id"]: row["ordered_at"] for row in tables["orders"]}
    for row in tables["orders"]:
        assert registered[row["customer_id"]] <= row["ordered_at"]
    order_of = {row["order_item_id"]: row["order_id"] for row in tables["order_items"]}
    bought = {row["order_item_id"]: row["quantity"] for row in tables["order_items"]}
    for row in tables["returns"]:
        waited = row["returned_at"] - ordered[order_of[row["order_item_id"]]]
        assert 5 <= waited.days < 24
        assert 1 <= row["quantity"] <= bought[row["order_item_id"]]
    end = np.datetime64(world.config.end_ms, "ms")
    assert all(np.datetime64(row["ordered_at"]) < end for row in tables["orders"])


def test_orders_agree_with_their_events(shop: Shop, messages: list[dict[str, Any]]) -> None:
    by_id = {message["messageId"]: message for message in messages}
    orders = {row["order_id"]: row for row in shop.table("orders").to_pylist()}
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in shop.table("order_items").to_pylist():
        lines[row["order_id"]].append(row)
    truth = shop.truth("orders").to_pylist()
    assert {row["order_id"] for row in truth} == set(orders)
    sound = 0
    for row in truth:
        if row["event_fate"] != "accepted":
            assert row["message_id"] not in by_id
            continue
        sound += 1
        message = by_id[row["message_id"]]
        properties, order = message["properties"], orders[row["order_id"]]
        assert message["userId"] == order["customer_id"]
        assert properties["order_id"] == row["order_id"]
        for name in ("discount", "shipping", "tax"):
            assert Decimal(str(properties[name])) == order[name]
        amount = sum(line["unit_price"] * line["quantity"] for line in lines[row["order_id"]])
        assert Decimal(str(properties["revenue"])) == amount - order["discount"]
        assert [
            (p["product_id"], p["quantity"], Decimal(str(p["price"])), p["size"])
            for p in properties["products"]
        ] == [
            (line["product_id"], line["quantity"], line["unit_price"], line["size"])
            for line in lines[row["order_id"]]
        ]
    assert sound >= 5


def test_stock_is_daily_never_negative_and_starts_at_launch(shop: Shop) -> None:
    stock = shop.table("stock").to_pandas()
    launched = shop.table("products").to_pandas().set_index("product_id")["launched_at"]
    assert (stock["units"] >= 0).all()
    assert not stock.duplicated(["product_id", "stock_date"]).any()
    assert (stock["stock_date"].astype("datetime64[us]") >= stock["product_id"].map(launched)).all()
    last = stock[stock["stock_date"] == shop.config.end_date]
    assert len(last) == shop.config.products


def test_spend_pays_for_running_campaigns(shop: Shop) -> None:
    spend = shop.table("spend").to_pandas()
    assert not spend.duplicated(["spend_date", "campaign"]).any()
    assert (spend["clicks"] <= spend["impressions"]).all()
    days = spend.groupby("campaign")["spend_date"].nunique()
    assert days["brand_search"] == shop.config.days
    assert days["summer_drop"] < shop.config.days


def test_each_product_has_a_picture_of_the_asked_size(shop: Shop) -> None:
    folder = shop.summary.inbox / "images"
    names = {path.stem for path in folder.glob("*.png")}
    assert names == set(shop.table("products")["product_id"].to_pylist())
    with Image.open(next(folder.glob("*.png"))) as picture:
        assert picture.size == (32, 32)
        assert len(set(picture.convert("RGB").get_flattened_data())) > 2
