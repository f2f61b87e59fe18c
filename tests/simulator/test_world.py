"""Is it a plausible shop, does the truth agree with itself, and can its effects be found?"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import scipy.sparse as sp

from trasos.simulator import SimulationConfig
from trasos.simulator.campaigns import CHANNELS
from trasos.simulator.catalogue import season_of
from trasos.simulator.log import Kind
from trasos.simulator.timing import TIMEOUT_MS
from trasos.simulator.truth import truth_tables
from trasos.simulator.vocabulary import CATEGORIES
from trasos.simulator.world import World

from .conftest import Shop


@pytest.fixture(scope="module")
def human(world: World) -> np.ndarray:
    """Sessions of people within the period."""
    return np.flatnonzero(world.timeline.kept & (world.visits.person >= 0))


def test_sizes_of_the_default_shop(world: World) -> None:
    assert 250_000 <= len(world.timeline.log) <= 350_000
    assert len(world.people) == 3_000
    assert len(world.catalogue.product_ids) == 800


def test_sessions_convert_as_shops_do(world: World, human: np.ndarray) -> None:
    assert 0.02 < len(world.orders.session) / len(human) < 0.05
    carts = len(np.unique(world.behaviour.cart[:, 0])) / len(human)
    assert 0.08 < carts < 0.25
    assert 0.2 < world.visits.is_bounce[human].mean() < 0.4


def test_sessions_last_minutes(world: World, human: np.ndarray) -> None:
    timeline = world.timeline
    minutes = (timeline.ended_ms - timeline.started_ms)[human] / 60_000
    assert 2 < minutes.mean() < 10
    gaps = timeline.gap_ms[timeline.gap_ms > 0]
    assert (gaps < 5 * 60_000).mean() > 0.97


def test_only_marked_sessions_pause_beyond_the_timeout(world: World) -> None:
    timeline = world.timeline
    pausing = np.unique(timeline.log.session[timeline.gap_ms > TIMEOUT_MS])
    assert np.array_equal(pausing, np.flatnonzero(timeline.long_gap))
    assert 0.001 < len(pausing) / timeline.kept.sum() < 0.02


def test_only_marked_sessions_come_back_within_the_timeout(world: World) -> None:
    timeline, visits = world.timeline, world.visits
    rows = np.flatnonzero(timeline.kept)
    rows = rows[np.lexsort((timeline.started_ms[rows], visits.device[rows]))]
    same = visits.device[rows][1:] == visits.device[rows][:-1]
    gap = timeline.started_ms[rows][1:] - timeline.ended_ms[rows][:-1]
    assert (gap[same] > 0).all()
    close = rows[1:][same & (gap <= TIMEOUT_MS)]
    assert np.array_equal(np.sort(close), np.flatnonzero(timeline.close_return))
    assert len(close) > 50


def test_events_of_a_session_are_ordered_and_causal(world: World) -> None:
    log, at = world.timeline.log, world.timeline.at_ms
    same = log.session[1:] == log.session[:-1]
    assert (np.diff(at)[same] >= 50).all()
    order = np.flatnonzero(log.kind == Kind.ORDER)
    assert (log.kind[order - 1] == Kind.CHECKOUT).all()
    assert (world.known[order] == world.visits.person[log.session[order]]).all()


def test_weekends_and_evenings_are_busier(world: World, human: np.ndarray) -> None:
    started = world.timeline.started_ms[human]
    weekday = (started // 86_400_000 + 3) % 7
    counts = np.bincount(weekday, minlength=7)
    assert counts[6] > counts[:5].mean()
    hour = started // 3_600_000 % 24
    assert (hour == 20).sum() > 3 * (hour == 4).sum()


def test_summer_brings_swimwear_and_winter_knitwear() -> None:
    names = [category.name for category in CATEGORIES]
    summer = season_of(SimulationConfig(days=30, end_date=date(2026, 7, 15))).mean(axis=0)
    winter = season_of(SimulationConfig(days=30, end_date=date(2026, 12, 31))).mean(axis=0)
    assert summer[names.index("Swimwear")] > winter[names.index("Swimwear")] + 1
    assert winter[names.index("Knitwear")] > summer[names.index("Knitwear")] + 1


def test_truth_tables_agree_with_each_other(shop: Shop) -> None:
    events = shop.truth("event_sessions").to_pandas()
    sessions = shop.truth("sessions").to_pandas().set_index("true_session_id")
    people = shop.truth("people").to_pandas()
    pairs = shop.truth("visitor_people").to_pandas()
    assert events["message_id"].is_unique
    assert sessions.index.is_unique
    assert people["person_key"].is_unique
    joined = events.join(sessions, on="true_session_id", suffixes=("", "_of_session"))
    assert joined["person_key_of_session"].notna().all()
    for column in ("person_key", "visitor_id", "is_bot"):
        assert (joined[column] == joined[f"{column}_of_session"]).all()
    assert (joined["event_at"] >= joined["started_at"]).all()
    assert (joined["event_at"] <= joined["ended_at"]).all()
    used = set(zip(sessions["visitor_id"], sessions["person_key"], strict=True))
    assert used == set(zip(pairs["visitor_id"], pairs["person_key"], strict=True))
    assert len(people) == shop.config.people
    assert set(people["customer_id"].dropna()) == set(
        shop.table("customers")["customer_id"].to_pylist()
    )
    assert sessions["has_order"].sum() == shop.table("orders").num_rows
    assert not sessions.loc[sessions["is_bot"], "has_order"].any()


def test_some_devices_are_shared_and_some_people_never_identify(world: World) -> None:
    tables = truth_tables(world)
    pairs = tables["visitor_people"].to_pandas()
    shared = pairs.groupby("visitor_id")["person_key"].nunique() > 1
    assert 10 < shared.sum() < 0.1 * len(shared)
    devices = pairs.groupby("person_key")["visitor_id"].nunique()
    assert (devices > 1).mean() > 0.15
    unknown = tables["people"].to_pandas()["customer_id"].isna().mean()
    assert 0.35 < unknown < 0.8


def test_treatment_effect_is_found_within_its_sampling_error(world: World) -> None:
    sessions = truth_tables(world)["sessions"].to_pandas()
    arms = truth_tables(world)["people"].to_pandas().set_index("person_key")["experiment_arm"]
    tested = sessions[sessions["in_experiment"] & sessions["has_checkout"]]
    # Only people who may order at all tell something of the factor.
    tested = tested[tested["order_probability"] > 0]
    arm = tested["person_key"].map(arms)
    rates = tested.groupby(arm)["has_order"].agg(["mean", "sum", "count"])
    ratio = np.log(rates.loc["treatment", "mean"] / rates.loc["control", "mean"])
    error = np.sqrt(((1 - rates["mean"]) / rates["sum"]).sum())
    assert error < 0.12
    assert abs(ratio - np.log(world.config.experiment_factor)) < 3 * error
    assert ratio > 0


def test_the_factor_multiplies_exactly(world: World) -> None:
    visits, people = world.visits, world.people
    count = len(world.behaviour.order_probability)
    probability = world.behaviour.order_probability
    assert probability.max() <= 1
    tested = visits.start_ms[:count] >= world.config.experiment_start_ms
    treated = tested & (people.arm[visits.person[:count]] == 1)
    can = people.identifies[visits.person[:count]]
    # The same person by the same channel, before the test and in it.
    keys = visits.person[:count] * len(CHANNELS) + visits.channel[:count]
    before = {k: p for k, p in zip(keys[~tested & can], probability[~tested & can], strict=True)}
    pairs = [
        (p, before[k])
        for k, p in zip(keys[treated & can], probability[treated & can], strict=True)
        if k in before
    ]
    assert len(pairs) > 500
    ratios = np.array([after / earlier for after, earlier in pairs])
    assert np.allclose(ratios, world.config.experiment_factor)


def test_tastes_can_be_learnt_and_beat_popularity(world: World) -> None:
    """Item-item neighbours of the first three quarters predict new products of the last one."""
    config, log = world.config, world.timeline.log
    rows = (log.kind == Kind.VIEWED) & ~world.is_bot
    person = world.visits.person[log.session[rows]]
    product = log.product[rows]
    early = world.timeline.at_ms[rows] < config.start_ms + int(config.days * 0.75) * 86_400_000
    shape = (config.people, config.products)

    def matrix(chosen: np.ndarray) -> sp.csr_matrix:
        counts = sp.csr_matrix((np.ones(chosen.sum()), (person[chosen], product[chosen])), shape)
        counts.data[:] = 1
        return counts

    past, future = matrix(early), matrix(~early)
    seen = past.toarray() > 0
    wanted = (future.toarray() > 0) & ~seen
    users = np.flatnonzero((seen.sum(axis=1) >= 3) & (wanted.sum(axis=1) > 0))
    seen, wanted = seen[users], wanted[users]
    popularity = np.asarray(past.sum(axis=0)).ravel()
    norm = np.sqrt(np.maximum(popularity, 1))
    similar = (past.T @ past).toarray() / np.outer(norm, norm)
    np.fill_diagonal(similar, 0)

    def recall(score: np.ndarray) -> float:
        best = np.argpartition(-np.where(seen, -np.inf, score), 20, axis=1)[:, :20]
        hits = np.take_along_axis(wanted, best, axis=1).sum(axis=1)
        return float((hits / np.minimum(wanted.sum(axis=1), 20)).mean())

    popular = recall(np.broadcast_to(popularity, seen.shape))
    neighbours = recall(seen.astype(float) @ similar)
    assert popular > 2 * 20 / config.products
    assert neighbours > 1.8 * popular


def test_channels_bring_and_convert_as_the_truth_says(shop: Shop, world: World) -> None:
    effects = shop.truth_json("effects")
    sessions = truth_tables(world)["sessions"].to_pandas()
    able = sessions[sessions["has_checkout"] & (sessions["order_probability"] > 0)]
    by_channel = able.groupby("channel")["has_order"].agg(["mean", "sum"])
    factor = effects["order_probability"]["channel"]
    for strong, weak in (("email", "social"), ("direct", "social"), ("organic", "display")):
        found = np.log(by_channel.loc[strong, "mean"] / by_channel.loc[weak, "mean"])
        error = np.sqrt(1 / by_channel.loc[strong, "sum"] + 1 / by_channel.loc[weak, "sum"])
        assert abs(found - np.log(factor[strong] / factor[weak])) < 3 * error
    people = truth_tables(world)["people"].to_pandas()
    arrived = people["acquisition_channel"].value_counts(normalize=True)
    for channel, share in effects["acquisition_share"].items():
        expected_error = np.sqrt(max(share * (1 - share), 1e-9) / len(people))
        assert abs(arrived.get(channel, 0.0) - share) < 4 * expected_error
    assert sum(effects["acquisition_share"].values()) == pytest.approx(1)
