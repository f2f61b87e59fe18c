"""Machines among the visitors: crawlers that say so, and bursts that do not."""

from __future__ import annotations

import numpy as np

from trasos.simulator.campaigns import CHANNEL_NAMES
from trasos.simulator.catalogue import Catalogue
from trasos.simulator.config import DAY_MS, SimulationConfig
from trasos.simulator.log import LIST_STEP, EventLog, Kind, events
from trasos.simulator.people import Devices
from trasos.simulator.visits import Visits


def build_bots(
    config: SimulationConfig, catalogue: Catalogue, devices: Devices, first_session: int
) -> tuple[Visits, EventLog]:
    """Sessions and events of bots.

    A declared crawler comes every other day or so and reads 20 to 60 product pages; an undeclared
    one comes once or twice in the period and takes 200 to 450 pages within minutes. Neither ever
    puts anything into a cart.

    Args:
        config: the shop.
        catalogue: its products.
        devices: all devices; the bots' are the last ones.
        first_session: number that the first of these sessions gets.

    Returns:
        The sessions, ordered by device and start, and the product views in them.
    """
    rng = config.stream("bots")
    machines = np.flatnonzero(devices.is_bot)
    device, start, sizes = [], [], []
    for rank, machine in enumerate(machines.tolist()):
        if rank < config.declared_bots:
            days = np.flatnonzero(rng.random(config.days) < 0.45)
            pages = rng.integers(20, 61, len(days))
        else:
            days = np.sort(rng.integers(0, config.days, rng.integers(1, 3)))
            pages = rng.integers(200, 451, len(days))
        device += [machine] * len(days)
        start += (config.start_ms + days * DAY_MS + rng.integers(0, DAY_MS, len(days))).tolist()
        sizes += pages.tolist()
    n = len(device)
    starts = np.array(start, dtype=np.int64)
    order = np.lexsort((starts, np.array(device, dtype=np.int64)))
    visits = Visits(
        person=np.full(n, -1),
        device=np.array(device, dtype=np.int64)[order],
        start_ms=starts[order],
        channel=np.full(n, CHANNEL_NAMES.index("direct")),
        campaign=np.full(n, -1),
        is_bounce=np.zeros(n, dtype=bool),
        is_first=np.zeros(n, dtype=bool),
        follows=np.zeros(n, dtype=bool),
    )
    session = np.repeat(np.arange(n), np.array(sizes, dtype=np.int64)[order])
    product = rng.integers(0, len(catalogue.product_ids), len(session))
    launched = catalogue.launched_ms[product] <= visits.start_ms[session]
    session, product = session[launched], product[launched]
    place = LIST_STEP + np.arange(len(session), dtype=np.float64) * 1e-3
    return visits, events(session + first_session, place, Kind.VIEWED, product=product)
