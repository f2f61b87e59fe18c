"""The simulated shop as the two tables that the recommender reads, without landing or dbt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from trasos.simulator.config import SimulationConfig
from trasos.simulator.log import Kind
from trasos.simulator.tables import build_tables
from trasos.simulator.world import World, build_world

KINDS = {Kind.VIEWED: ("product_viewed", 1.0), Kind.ADDED: ("product_added", 4.0)}
BOUGHT = ("item_purchased", 8.0)


def simulated_shop(config: SimulationConfig) -> tuple[Any, Any, World]:
    """What people did, as ``ftr_interaction_events`` has it; products; and the truth.

    Persons are the true ones and no event is lost: how well a person is recognised is another
    question than how well is recommended.

    Args:
        config: of the shop; pictures are not drawn.
    """
    world = build_world(config)
    log, visits, orders = world.timeline.log, world.visits, world.orders
    parts = []
    for kind, (name, weight) in KINDS.items():
        rows = np.flatnonzero((log.kind == kind) & ~world.is_bot & (log.product >= 0))
        session = log.session[rows]
        parts.append((session, log.product[rows], world.timeline.at_ms[rows], name, weight))
    session = orders.session[orders.line_order]
    parts.append((session, orders.line_product, orders.ordered_ms[orders.line_order], *BOUGHT))
    sessions, products, moments = (
        np.concatenate([part[place] for part in parts]) for place in range(3)
    )
    lengths = [len(part[0]) for part in parts]
    persons = np.array(world.people.person_keys)[visits.person[sessions]]
    interactions = pa.table(
        {
            "person_id": pa.array(persons),
            "product_id": pa.array(np.array(world.catalogue.product_ids)[products]),
            "session_id": pa.array(np.array(world.session_ids)[sessions]),
            "event_type": pa.array(np.repeat([part[3] for part in parts], lengths)),
            "event_at": pa.array(moments * 1_000, pa.timestamp("us")),
            "weight": pa.array(np.repeat([part[4] for part in parts], lengths)),
        }
    )
    table = build_tables(world)["products"]
    on_sale = pa.array(np.ones(table.num_rows, np.bool_))
    return interactions, table.append_column("is_on_sale", on_sale), world
