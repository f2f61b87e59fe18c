"""The simulator's truth, drawn again for the oracle."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench.recommender.oracle import main
from bench.recommender.truth import Truth, config_of
from trasos.errors import InputError
from trasos.simulator.config import SimulationConfig
from trasos.simulator.log import Kind
from trasos.simulator.run import simulate
from trasos.simulator.world import build_world

CONFIG = SimulationConfig(
    people=150, days=20, products=60, images=False, end_date=date(2026, 3, 31), seed=3
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home")
    simulate(CONFIG, path / "inbox/shop", path / "truth/shop")
    return path


@pytest.fixture(scope="module")
def truth(home: Path) -> Truth:
    return Truth.of(home / "inbox/shop", home / "truth/shop")


def test_the_shop_is_drawn_again_as_it_was(truth: Truth, home: Path) -> None:
    assert truth.config == CONFIG
    written = pq.read_table(home / "truth/shop/person_tastes.parquet")
    assert written["person_key"].to_pylist() == truth.people.person_keys
    assert np.array_equal(np.array(written["style"].to_pylist()), truth.people.style)
    known = {number for numbers in truth.by_id.values() for number in numbers}
    assert known == set(range(CONFIG.people))


def test_expected_looks_are_those_that_happened(truth: Truth) -> None:
    """Of 150 people by 60 products, what is expected more is looked at more."""
    world = build_world(CONFIG)
    log = world.timeline.log
    rows = (log.kind == Kind.VIEWED) & (world.visits.person[log.session] >= 0)
    happened = np.zeros((CONFIG.people, CONFIG.products))
    np.add.at(happened, (world.visits.person[log.session[rows]], log.product[rows]), 1)
    everyone = np.arange(CONFIG.people)
    expected = truth.looks(truth.people, everyone, CONFIG.start_ms, CONFIG.end_ms, 20, seed=1)
    share = expected / expected.sum(axis=1, keepdims=True)
    best = share >= np.sort(share, axis=1)[:, [-6]]
    of_all = (happened * best).sum() / happened.sum()
    assert share[best].sum() / CONFIG.people == pytest.approx(of_all, abs=0.05)
    assert of_all > 2 * 6 / CONFIG.products
    again = truth.looks(truth.people, everyone, CONFIG.start_ms, CONFIG.end_ms, 20, seed=1)
    assert np.array_equal(again, expected)


def test_tastes_stay_within_the_department(truth: Truth) -> None:
    best = truth.tastes().argmax(axis=1)
    assert (truth.catalogue.department[best] == truth.people.department).all()


def test_people_drawn_alike_are_of_the_shop_s_clusters(truth: Truth) -> None:
    drawn = truth.like_people(4000, 1)
    for cluster in range(CONFIG.taste_clusters):
        own, other = (
            people.price_wish[people.cluster == cluster] for people in (truth.people, drawn)
        )
        assert len(other) > 0
        if len(own) > 10:
            assert own.mean() == pytest.approx(other.mean(), abs=0.5)


def test_a_configuration_reads_what_it_wrote() -> None:
    other = replace(CONFIG, seed=9)
    assert config_of(json.loads(other.to_json())) == other


def test_without_a_simulated_shop_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="only a simulated shop has a truth"):
        Truth.of(tmp_path, tmp_path)
    monkeypatch.setattr("sys.argv", ["oracle", "--home", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"simulation\.json is not there"):
        main()
