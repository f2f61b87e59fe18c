from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.recommender.factory import interactions_table, products_table, simulate
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.versions import code_version, data_snapshot, version_of

ROWS = [
    ("a", "p00000", "s", "product_viewed", 0.0),
    ("b", "p00001", "t", "item_purchased", 1.0),
]


def snapshot(
    rows: list[tuple[str, str, str, str, float]] | None = None,
    weights: list[float] | None = None,
    **products: object,
) -> str:
    catalogue = Catalogue.from_arrow(products_table(4, **products))
    table = interactions_table(rows or ROWS)
    if weights:
        table = table.drop(["weight"]).append_column("weight", pa.array(weights))
    return data_snapshot(InteractionLog.from_arrow(table, catalogue), catalogue)


def test_rows_in_any_order_make_the_same_version() -> None:
    shop = simulate(n_persons=30, n_products=40, n_events=300)
    turn = np.random.default_rng(0)
    names = []
    for _ in range(3):
        catalogue = Catalogue.from_arrow(shop.products.take(turn.permutation(40)))
        rows = shop.interactions.take(turn.permutation(shop.interactions.num_rows))
        log = InteractionLog.from_arrow(rows, catalogue)
        names.append(version_of(log, catalogue, RecommenderParams()).model_version)
    assert len(set(names)) == 1


def test_any_change_of_the_data_makes_another_snapshot() -> None:
    others = [
        snapshot(ROWS[:1]),
        snapshot([("c", *ROWS[0][1:]), ROWS[1]]),
        snapshot([(*ROWS[0][:3], "product_added", 0.0), ROWS[1]]),
        snapshot([(*ROWS[0][:4], 0.5), ROWS[1]]),
        snapshot(weights=[1.0, 9.0]),
        snapshot(is_on_sale=[True, True, True, False]),
        snapshot(brand=["x"] * 4),
        snapshot(product_id=["p00000", "p00001", "p00002", "p9"]),
    ]
    assert len({snapshot(), *others}) == len(others) + 1


def test_what_models_do_not_use_does_not_matter() -> None:
    assert snapshot(product_name=["x"] * 4) == snapshot()


def test_parameters_and_code_make_other_versions(tmp_path: Path) -> None:
    catalogue = Catalogue.from_arrow(products_table(4))
    log = InteractionLog.from_arrow(interactions_table(ROWS), catalogue)
    one = version_of(log, catalogue, RecommenderParams())
    two = version_of(log, catalogue, RecommenderParams(seed=8))
    assert one.model_version != two.model_version
    assert one.data_snapshot == two.data_snapshot
    assert one.code_version == two.code_version == code_version()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.py").write_text("x = 1\n")
    before = code_version(tmp_path)
    (tmp_path / "notes.txt").write_text("no code")
    assert code_version(tmp_path) == before
    (tmp_path / "models" / "a.py").write_text("x = 2\n")
    assert code_version(tmp_path) != before
