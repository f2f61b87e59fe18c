"""The recommender's SQL, the same text on both engines: the same rows, floats to 1e-9 of them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.engines.java import want_java
from tests.recommender.factory import START, interactions_table, products_table, simulate
from trasos.errors import ConfigurationError
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.ranking.features import features
from trasos.recommender.sql import Events
from trasos.recommender.sql_on_spark import Spark

PARAMS = RecommenderParams()
SPARK = dataclasses.replace(PARAMS, sql_engine="spark")
FADING = {"half_life_days": 30.0}
#: Every file of SQL, by package, with what it asks for beside as_of.
FILES: dict[tuple[str, str], dict[str, float]] = {
    ("candidates", "favourites"): FADING,
    ("candidates", "reminders"): FADING,
    ("candidates", "trending"): {"days": 7},
    ("ranking", "person_features"): FADING,
    ("ranking", "product_features"): {},
    ("ranking", "taste_features"): FADING,
}
#: Names that an engine may order as it likes are not among these: rows are keyed by them.
KEYS = ("person", "product", "trait", "trait_value", "category")


def test_no_file_is_left_out() -> None:
    found = {
        (package, entry.name.removesuffix(".sql"))
        for package in ("candidates", "ranking")
        for entry in resources.files(f"trasos.recommender.{package}").iterdir()
        if entry.name.endswith(".sql")
    }
    assert found == set(FILES)


@pytest.mark.slow
def test_both_engines_answer_alike() -> None:
    """On a shop without some prices and launches, at its end, its middle, and before it began."""
    want_java()
    shop = simulate(n_persons=150, n_products=80, n_events=5_000)
    rng = np.random.default_rng(4)
    days = rng.integers(-40, 40, 80)
    products = products_table(
        80,
        price=pa.array(
            [None if code % 9 == 0 else 5.0 + code**2 / 7 for code in range(80)], pa.float64()
        ),
        launched_at=pa.array(
            [None if code % 5 == 0 else (START + int(days[code]) * 86_400) * 1_000_000
             for code in range(80)],
            pa.timestamp("us"),
        ),
    )  # fmt: skip
    catalogue = Catalogue.from_arrow(products)
    log = InteractionLog.from_arrow(shop.interactions, catalogue)
    middle = int(np.median(log.event_at))
    with Events.of(log, catalogue, PARAMS) as here, Events.of(log, catalogue, SPARK) as there:
        for (package, name), wanted in FILES.items():
            for as_of in (log.last_at + 1, middle, int(log.event_at[0])):
                asked = {"as_of": as_of, **wanted}
                levels = {"price_levels": _price_levels()} if name == "person_features" else None
                one, other = (
                    _by_key(events.query(f"trasos.recommender.{package}", name, asked, levels))
                    for events in (here, there)
                )
                assert list(one) == list(other), name
                # All products have their features, even before the shop began.
                empty = as_of == log.event_at[0] and name != "product_features"
                assert (len(next(iter(one.values()))) == 0) == empty, name
                for column in one:
                    if one[column].dtype == object:
                        assert (one[column] == other[column]).all(), (name, column)
                    else:
                        assert other[column].astype(np.float64) == pytest.approx(
                            one[column].astype(np.float64), rel=1e-9, abs=1e-12, nan_ok=True
                        ), (name, column)
        assert not there.engine.session.catalog.tableExists("price_levels")


@pytest.mark.slow
def test_features_do_not_know_who_counted() -> None:
    want_java()
    rows = [("a", "p00000", "s", "product_viewed", 0.0), ("a", "p00001", "s", "product_added", 1.0)]
    catalogue = Catalogue.from_arrow(products_table(6))
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    persons, products = np.zeros(6, np.int32), np.arange(6, dtype=np.int32)
    found = [
        features(log, catalogue, params, log.last_at + 1, persons, products)
        for params in (PARAMS, SPARK)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-6, nan_ok=True)


def test_without_spark_it_is_told() -> None:
    """In a process of its own, where pyspark cannot be imported."""
    asked = (
        "import sys; sys.modules['pyspark.sql'] = None\n"
        "from trasos.recommender.sql_on_spark import Spark\n"
        "with Spark.opened(): pass"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert f"{ConfigurationError.__name__}: Spark is not installed" in done.stderr
    assert "sql_engine" in done.stderr


def test_parameters_alone_are_spelt_anew() -> None:
    class Session:
        def sql(self, text: str, args: dict[str, float]) -> Any:
            assert text == "select :as_of - 3 as x, '$1' as y"
            assert args == {"as_of": 5}
            return self

        def toArrow(self) -> str:  # noqa: N802  (Spark's name)
            return "rows"

    assert Spark(Session()).run("select $as_of - 3 as x, '$1' as y", {"as_of": 5}) == "rows"


def _price_levels() -> Any:
    level = [None if code % 9 == 0 else code / 40 - 1 for code in range(80)]
    return pa.table({"product": pa.array(range(80), pa.int32()), "price_level": level})


def _by_key(found: dict[str, Any]) -> dict[str, Any]:
    keys = [found[name] for name in reversed(KEYS) if name in found]
    order = np.lexsort(keys)
    return {name: values[order] for name, values in found.items()}
