"""What really happened: for tests alone, never for the pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trasos.simulator.behaviour import ORDER_BASE, ORDER_CEILING
from trasos.simulator.campaigns import CHANNELS
from trasos.simulator.dirt import Fate
from trasos.simulator.log import Kind
from trasos.simulator.people import ARMS
from trasos.simulator.tables import customers_of, moments
from trasos.simulator.vocabulary import DEPARTMENTS
from trasos.simulator.world import World


def person_keys(world: World, person: np.ndarray, device: np.ndarray) -> list[str]:
    """Keys of persons; a bot's is ``bot_`` and the number of its device."""
    keys = world.people.person_keys
    return [
        keys[p] if p >= 0 else f"bot_{d:06d}"
        for p, d in zip(person.tolist(), device.tolist(), strict=True)
    ]


def fate_of_events(world: World) -> np.ndarray:
    """Per event the fate of its own line (repeats left out), shape (events,)."""
    lines = world.lines
    own = lines.fate != Fate.DUPLICATE
    fate = np.full(len(world.timeline.log), -1)
    fate[lines.event[own]] = lines.fate[own]
    return fate


def truth_tables(world: World) -> dict[str, pa.Table]:
    """The tables of the truth folder by name."""
    return {
        "event_sessions": _event_sessions(world),
        "sessions": _sessions(world),
        "people": _people(world),
        "visitor_people": _visitor_people(world),
        "orders": _orders(world),
        "person_tastes": _vectors("person_key", world.people.person_keys, world.people.style),
        "product_tastes": _vectors(
            "product_id", world.catalogue.product_ids, world.catalogue.style
        ),
    }


def _event_sessions(world: World) -> pa.Table:
    log, visits = world.timeline.log, world.visits
    rows = np.flatnonzero(fate_of_events(world) == Fate.ACCEPTED)
    session = log.session[rows]
    person, device = visits.person[session], visits.device[session]
    return pa.table(
        {
            "message_id": pa.array([world.message_ids[k] for k in rows.tolist()]),
            "true_session_id": pa.array([world.session_ids[k] for k in session.tolist()]),
            "person_key": pa.array(person_keys(world, person, device)),
            "visitor_id": pa.array([world.devices.visitor_ids[k] for k in device.tolist()]),
            "event_at": moments(world.timeline.at_ms[rows]),
            "is_bot": pa.array(person < 0),
        }
    )


def _sessions(world: World) -> pa.Table:
    visits, timeline, config = world.visits, world.timeline, world.config
    rows = np.flatnonzero(timeline.kept)
    person, device = visits.person[rows], visits.device[rows]
    count = len(visits)
    people_count = len(world.behaviour.has_checkout)

    def padded(values: np.ndarray, nothing: float) -> np.ndarray:
        return np.concatenate([values, np.full(count - people_count, nothing, values.dtype)])[rows]

    in_test = np.zeros(count, dtype=bool)
    in_test[timeline.log.session[timeline.log.kind == Kind.EXPERIMENT]] = True
    since_test = (visits.start_ms >= config.experiment_start_ms) & (visits.person >= 0)
    return pa.table(
        {
            "true_session_id": pa.array([world.session_ids[k] for k in rows.tolist()]),
            "person_key": pa.array(person_keys(world, person, device)),
            "visitor_id": pa.array([world.devices.visitor_ids[k] for k in device.tolist()]),
            "started_at": moments(timeline.started_ms[rows]),
            "ended_at": moments(timeline.ended_ms[rows]),
            "has_order": pa.array(padded(world.behaviour.has_order, 0)),
            "has_checkout": pa.array(padded(world.behaviour.has_checkout, 0)),
            "order_probability": pa.array(padded(world.behaviour.order_probability, 0.0)),
            "channel": pa.array([CHANNELS[k].name for k in visits.channel[rows].tolist()]),
            "in_experiment": pa.array(since_test[rows]),
            "has_experiment_event": pa.array(in_test[rows]),
            "has_long_gap": pa.array(timeline.long_gap[rows]),
            "is_close_return": pa.array(timeline.close_return[rows]),
            "is_bot": pa.array(person < 0),
        }
    )


def _people(world: World) -> pa.Table:
    people, visits = world.people, world.visits
    identified, _ = customers_of(world)
    has_account = np.zeros(len(people), dtype=bool)
    has_account[identified] = True
    first = np.flatnonzero(visits.is_first)
    channel = np.zeros(len(people), dtype=np.int64)
    channel[visits.person[first]] = visits.channel[first]
    return pa.table(
        {
            "person_key": people.person_keys,
            "customer_id": pa.array(
                [
                    name if known else None
                    for name, known in zip(people.customer_ids, has_account.tolist(), strict=True)
                ],
                type=pa.string(),
            ),
            "taste_cluster": pa.array(people.cluster),
            "department": [DEPARTMENTS[k] for k in people.department.tolist()],
            "acquisition_channel": [CHANNELS[k].name for k in channel.tolist()],
            "experiment_arm": [ARMS[k] for k in people.arm.tolist()],
        }
    )


def _visitor_people(world: World) -> pa.Table:
    visits = world.visits
    rows = np.flatnonzero(world.timeline.kept)
    pairs = np.unique(np.stack([visits.device[rows], visits.person[rows]], axis=1), axis=0)
    return pa.table(
        {
            "visitor_id": pa.array(
                [world.devices.visitor_ids[k] for k in pairs[:, 0].tolist()], type=pa.string()
            ),
            "person_key": pa.array(person_keys(world, pairs[:, 1], pairs[:, 0]), type=pa.string()),
        }
    )


def _orders(world: World) -> pa.Table:
    """Every order with its session and what became of its event."""
    log, orders = world.timeline.log, world.orders
    fates = fate_of_events(world)
    rows = np.flatnonzero(log.kind == Kind.ORDER)
    row_of = np.full(len(world.visits), -1)
    row_of[log.session[rows]] = rows
    row = row_of[orders.session]
    return pa.table(
        {
            "order_id": pa.array([orders.order_id(k) for k in range(len(row))], type=pa.string()),
            "message_id": pa.array([world.message_ids[k] for k in row.tolist()], type=pa.string()),
            "true_session_id": pa.array(
                [world.session_ids[k] for k in orders.session.tolist()], type=pa.string()
            ),
            "event_fate": pa.array(
                [Fate(k).name.lower() for k in fates[row].tolist()], type=pa.string()
            ),
        }
    )


def _vectors(key: str, names: list[str], vectors: np.ndarray) -> pa.Table:
    width = vectors.shape[1]
    flat = pa.array(vectors.ravel(), type=pa.float64())
    return pa.table({key: names, "style": pa.FixedSizeListArray.from_arrays(flat, width)})


def write_truth(world: World, folder: Path) -> None:
    """Write all tables, ``effects.json`` and ``dirt.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in truth_tables(world).items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    config = world.config
    start = np.datetime64(config.experiment_start_ms, "ms")
    effects = {
        "experiment": {
            "experiment_id": config.experiment_id,
            "starts_at": f"{start}Z",
            "multiplies": "P(order | checkout)",
            "factor": config.experiment_factor,
        },
        "order_probability": {
            "formula": "min(base * person * channel, ceiling / max(factor, 1)) * factor",
            "base": ORDER_BASE,
            "ceiling": ORDER_CEILING,
            "channel": {channel.name: channel.conversion for channel in CHANNELS},
        },
        "acquisition_share": {channel.name: channel.acquisition for channel in CHANNELS},
    }
    dirt = world.lines.counts(world.is_bot)
    for name, content in (("effects", effects), ("dirt", dirt)):
        text = json.dumps(content, indent=2, sort_keys=True) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
