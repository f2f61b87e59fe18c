import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.recommender.factory import Shop
from trasos import recommender
from trasos.errors import InputError, NotReadyError
from trasos.recommender import kept_evaluation
from trasos.recommender.answers import POPULAR_ITEMS, SIMILAR_ITEMS
from trasos.recommender.evaluate import ROWS
from trasos.recommender.facade import MODEL_VERSIONS
from trasos.recommender.renewal import LISTS

VARS = {"als_factors": "16", "bootstrap_resamples": 200, "list_length": "20"}


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home") / "artefacts"


@pytest.fixture(scope="module")
def trained(tasteful: Shop, artefacts: Path) -> Any:
    return recommender.train(tasteful.interactions, tasteful.products, VARS, artefacts)


@pytest.fixture(scope="module")
def champion(trained: Any, tasteful: Shop, artefacts: Path) -> Any:
    persons = persons_of(tasteful.interactions)
    decisions = recommender.judgement(
        tasteful.interactions, tasteful.products, VARS, artefacts, persons, {"fresh_days": "5"}
    )
    assert set(decisions["decision"].to_pylist()) == {"first"}
    return recommender.champion(artefacts)


def test_train_gives_one_row_that_leads_to_the_artefact(
    trained: Any, tasteful: Shop, artefacts: Path
) -> None:
    assert trained.schema == MODEL_VERSIONS
    (row,) = trained.to_pylist()
    assert (artefacts.parent / row["artefact_path"] / "manifest.json").exists()
    assert row["n_interactions"] == tasteful.interactions.num_rows
    assert row["n_products"] == 160
    last = max(tasteful.interactions["event_at"].to_pylist())
    assert row["trained_through"] == last.replace(microsecond=0)
    assert isinstance(row["trained_through"], dt.datetime)


def test_exploration_draws_new_products_for_persons_and_strangers_and_says_how_likely(
    tasteful: Shop, artefacts: Path, tmp_path: Path
) -> None:
    """Ten products that nobody met, launched on the last day."""
    last = max(tasteful.interactions["event_at"].to_pylist())
    new = [f"p{code:05d}" for code in range(150, 160)]
    launched = [
        last if name in new else None for name in tasteful.products["product_id"].to_pylist()
    ]
    place = tasteful.products.column_names.index("launched_at")
    products = tasteful.products.set_column(
        place, "launched_at", pa.array(launched, pa.timestamp("us"))
    )
    is_old = pc.invert(pc.is_in(tasteful.interactions["product_id"], value_set=pa.array(new)))
    given = (tasteful.interactions.filter(is_old), products, VARS, tmp_path)
    asked = persons_of(given[0], *(f"stranger {number}" for number in range(200)))
    recommender.train(*given)
    recommender.judgement(*given, asked, {})
    serving = recommender.champion(tmp_path)
    plain = recommender.recommendations(*given, asked, serving)
    drawn = recommender.recommendations(
        *given, asked, serving, exploration={"share": "0.5", "places": "3", "first_place": "5"}
    )
    assert plain["propensity"].to_pylist() == [1.0] * plain.num_rows
    for column in ("person_id", "rank", "score", "model_version"):
        assert drawn[column].equals(plain[column])
    is_new = np.array(drawn["source"].to_pylist()) == "exploration"
    assert set(drawn["product_id"].filter(pa.array(is_new)).to_pylist()) == set(new)
    same = np.array(drawn["product_id"].to_pylist()) == np.array(plain["product_id"].to_pylist())
    assert (same == ~is_new).all()
    assert set(drawn["rank"].filter(pa.array(is_new)).to_pylist()) == {5, 10, 15}
    propensity = drawn["propensity"].to_numpy()
    assert (propensity[is_new] <= 0.5 / 2).all() and set(propensity[~is_new]) == {0.5, 1.0}
    is_stranger = np.char.startswith(np.array(drawn["person_id"].to_pylist()), "stranger")
    assert 0.4 < is_new[is_stranger].mean() * 20 / 3 < 0.6
    assert 0.4 < is_new[~is_stranger].mean() * 20 / 3 < 0.6


def persons_of(table: Any, *strangers: str) -> Any:
    ids = sorted(set(table["person_id"].to_pylist()))[::3]
    return pa.table({"person_id": [*strangers, *ids]})


def test_recommendations_are_full_lists_for_all_who_are_asked_for(
    trained: Any, champion: Any, tasteful: Shop, artefacts: Path
) -> None:
    asked = persons_of(tasteful.interactions, "a stranger", "another")
    table = recommender.recommendations(
        tasteful.interactions, tasteful.products, VARS, str(artefacts), asked, champion
    )
    assert table.schema == LISTS
    assert set(table["model_version"].to_pylist()) == set(trained["model_version"].to_pylist())
    persons, counts = np.unique(table["person_id"].to_numpy(), return_counts=True)
    assert set(counts.tolist()) == {20}
    assert sorted(persons) == sorted(asked["person_id"].to_pylist())
    lists = [
        table.filter(pc.equal(table["person_id"], who))["product_id"].to_pylist()
        for who in ("a stranger", "another")
    ]
    assert lists[0] == lists[1]
    strangers = table.filter(pc.equal(table["person_id"], "another"))
    assert set(strangers["source"].to_pylist()) == {"popular"}
    assert table["rank"].to_pylist()[:21] == [*range(1, 21), 1]
    assert set(table["source"].to_pylist()) <= {
        "als",
        "covisitation",
        "popular_in_department",
        "popular",
    }


def test_similar_items_are_full_lists_for_every_product(
    champion: Any, tasteful: Shop, artefacts: Path
) -> None:
    table = recommender.similar_items(
        tasteful.interactions, tasteful.products, VARS, artefacts, champion
    )
    assert table.schema == SIMILAR_ITEMS
    assert table.num_rows == 160 * 20
    pairs = zip(
        table["product_id"].to_pylist(), table["similar_product_id"].to_pylist(), strict=True
    )
    assert all(one != two for one, two in pairs)


def test_popular_items_are_full_lists_for_every_department_and_everyone(
    champion: Any, tasteful: Shop, artefacts: Path
) -> None:
    table = recommender.popular_items(
        tasteful.interactions, tasteful.products, VARS, artefacts, champion
    )
    assert table.schema == POPULAR_ITEMS
    lists: dict[str | None, list[str]] = {}
    for row in table.to_pylist():
        lists.setdefault(row["department"], []).append(row["product_id"])
    assert list(lists) == ["d0", "d1", "d2", "d3", None]
    assert all(len(set(own)) == 20 for own in lists.values())
    # People of the simulated shop keep to their department.
    assert all(int(name[1:]) % 4 == 2 for name in lists["d2"])
    assert len({int(name[1:]) % 4 for name in lists[None]}) > 1


def test_neighbours_share_the_planted_taste(champion: Any, tasteful: Shop, artefacts: Path) -> None:
    table = recommender.similar_items(
        tasteful.interactions, tasteful.products, VARS, artefacts, champion
    )
    first = table.filter(pa.compute.less_equal(table["rank"], 5))
    one, two = (
        np.array([int(name[1:]) for name in first[column].to_pylist()])
        for column in ("product_id", "similar_product_id")
    )
    same = (one % 4 == two % 4) & (one // 4 % 5 == two // 4 % 5)
    # By chance it would be one of twenty.
    assert same.mean() > 0.8


def test_an_evaluation_is_kept_and_read_again(
    trained: Any, tasteful: Shop, artefacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = tasteful.interactions, tasteful.products, VARS, artefacts
    first = recommender.evaluation(*arguments)
    assert first.schema.names == [*ROWS.names, "model_version"]
    monkeypatch.setattr(
        kept_evaluation, "evaluate", lambda *_, **__: pytest.fail("evaluated again")
    )
    assert recommender.evaluation(*arguments).equals(first)
    folder = artefacts / "evaluations" / trained["model_version"].to_pylist()[0]
    assert (folder / "verdict.txt").read_text().startswith("The blend beats popularity")
    assert (folder / "metrics.png").read_bytes().startswith(b"\x89PNG")


def test_the_order_of_rows_changes_no_answer(
    trained: Any, champion: Any, tasteful: Shop, artefacts: Path, tmp_path: Path
) -> None:
    turn = np.random.default_rng(2)
    interactions = tasteful.interactions.take(turn.permutation(tasteful.interactions.num_rows))
    products = tasteful.products.take(turn.permutation(tasteful.products.num_rows))
    again = recommender.train(interactions, products, VARS, tmp_path / "artefacts")
    assert again.equals(trained)
    asked = persons_of(interactions)
    answers = recommender.recommendations(
        interactions, products, VARS, tmp_path / "artefacts", asked, champion
    )
    assert answers.equals(
        recommender.recommendations(
            tasteful.interactions,
            tasteful.products,
            VARS,
            artefacts,
            persons_of(tasteful.interactions),
            champion,
        )
    )


def test_event_types_that_nobody_named_are_refused(tasteful: Shop, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="relevant_event_types"):
        recommender.train(
            tasteful.interactions,
            tasteful.products,
            {"relevant_event_types": "looked"},
            tmp_path,
        )


def test_lists_are_the_champions_though_a_newer_model_is_there(
    trained: Any, champion: Any, tasteful: Shop, artefacts: Path
) -> None:
    """A day more, judged too fresh to be let in: the model of before answers for all of today."""
    table = tasteful.interactions
    late = pc.add(table["event_at"].slice(0, 200), pa.scalar(dt.timedelta(days=91)))
    more = table.slice(0, 200).set_column(4, "event_at", late)
    people = pa.array([f"new-{number % 20}" for number in range(200)])
    more = pa.concat_tables([table, more.set_column(0, "person_id", people)])
    persons = persons_of(more, "new-3")
    given = more, tasteful.products, VARS, artefacts
    decisions = recommender.judgement(*given, persons, {"fresh_days": 100, "ndcg_margin": 0})
    (challenger,) = set(decisions["model_version"].to_pylist())
    assert challenger not in trained["model_version"].to_pylist()
    assert set(decisions["decision"].to_pylist()) == {"kept"}
    assert recommender.champion(artefacts).equals(champion)
    answers = recommender.recommendations(*given, persons, champion)
    assert set(answers["model_version"].to_pylist()) == set(trained["model_version"].to_pylist())
    own = answers.filter(pc.equal(answers["person_id"], "new-3"))
    assert own.num_rows == 20
    # Nobody knew this person when the model was trained; what they looked at today counts.
    assert set(own["source"].to_pylist()) & {"als", "covisitation"}


def test_without_a_champion_nothing_is_served(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match=r"No model serves.*trasos model promote"):
        recommender.champion(tmp_path)
