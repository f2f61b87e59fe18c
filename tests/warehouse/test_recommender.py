"""The recommender's tables, as a build leaves them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml

from tests.warehouse.home import ROOT, Home, fingerprints
from trasos.model_runs.judging import METRICS
from trasos.model_runs.objective import Objective
from trasos.model_runs.records import Run, keep
from trasos.recommender.gate import promote, succession
from trasos.recommender.gate.criterion import INVARIANT, RULES


def files(home: Home) -> dict[Path, int]:
    """Every artefact with its time of change."""
    return {
        path: path.stat().st_mtime_ns
        for path in home.settings.artefacts.rglob("*")
        if path.is_file() and path.name != ".champion.lock"
    }


def test_a_second_build_of_everything_changes_no_row_and_trains_nothing(shop: Home) -> None:
    before, artefacts = fingerprints(shop), files(shop)
    assert before["rec_model_versions"][0] == 1
    shop.dbt("build", "--exclude-resource-types", "unit_test", "test")
    assert fingerprints(shop) == before
    assert files(shop) == artefacts


def test_the_first_model_is_the_champion_and_the_decision_says_why(shop: Home) -> None:
    rows = shop.query(
        "select criterion, criterion_kind, decision, is_passed, champion_version, model_version "
        "from rec_gate_decisions"
    )
    assert {row[0] for row in rows} == {
        name for name, rule in RULES.items() if rule.kind == INVARIANT
    }
    ((version,),) = shop.query("select distinct model_version from rec_recommendations")
    assert {row[1:] for row in rows} == {(INVARIANT, "first", True, None, version)}
    assert succession(shop.settings.artefacts).champion == version


@pytest.fixture(scope="module")
def lost(shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The shop after a challenger that forgets faster, and that a bound out of reach kept out."""
    home = Home(tmp_path_factory.mktemp("lost") / "home")
    for folder in ("landing", "warehouse", "artefacts"):
        shutil.copytree(shop.path / folder, home.path / folder)
    variables = "{half_life_days: 10, gate_min_overlap: 1}"
    keep_runs(home.settings.artefacts)
    chosen = ("rec_training+", "rec_runs+")
    build = ("build", "--exclude-resource-types", "unit_test", "--select", *chosen)
    home.dbt(*build, variables=variables)
    return home


def keep_runs(artefacts: Path) -> None:
    """A run that was done and one that failed, as an experiment leaves them."""
    figures = [
        dict(zip(METRICS.names, row, strict=True))
        for row in (
            ("blend", "warm", "ndcg", 10, 0.25, 0.2, 0.3, 50),
            ("blend", "warm", "coverage", 20, 0.75, None, None, 50),
            ("popular", "warm", "ndcg", 10, 0.125, 0.1, 0.15, 50),
        )
    ]
    done = Run(
        experiment="by-hand",
        number=1,
        held_out="validation",
        status="done",
        error=None,
        parameters="{}",
        changed={"als_factors": 4},
        data_snapshot="d",
        code_version="c",
        objective=Objective(),
        started_at="2026-06-30T12:00:00+02:00",
        cpu_seconds=1.5,
        peak_memory_bytes=3_000_000_000,
        ground="g",
    )
    keep(artefacts, done, pa.Table.from_pylist(figures, schema=METRICS), None)
    failed = replace(
        done, number=2, status="failed", error="Too much.", ground=None, cpu_seconds=None
    )
    keep(artefacts, failed, None, None)


def test_runs_of_experiments_are_tables(shop: Home, lost: Home) -> None:
    columns = (
        "run_id, status, error, held_out, cast(started_at as varchar), cpu_seconds, "
        "peak_memory_bytes, changed_parameters, objective, value, ci_low, ci_high, n_persons"
    )
    rows = lost.query(f"select {columns} from rec_model_runs order by run_id")
    held = ("validation", "2026-06-30 10:00:00")
    what = (3_000_000_000, '{"als_factors":4}', "ndcg@10")
    assert rows == [
        ("by-hand-001", "done", None, *held, 1.5, *what, 0.25, 0.2, 0.3, 50),
        ("by-hand-002", "failed", "Too much.", *held, None, *what, None, None, None, None),
    ]
    metrics = lost.query(
        "select run_id, model, metric, k, value, ci_low from rec_model_run_metrics order by all"
    )
    assert metrics == [
        ("by-hand-001", "blend", "coverage", 20, 0.75, None),
        ("by-hand-001", "blend", "ndcg", 10, 0.25, 0.2),
        ("by-hand-001", "popular", "ndcg", 10, 0.125, 0.1),
    ]
    assert shop.one("select count(*) from rec_model_runs") == 0


@pytest.mark.slow
def test_a_list_stands_until_its_person_does_something(
    shop: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Home(tmp_path_factory.mktemp("standing") / "home")
    for folder in ("landing", "warehouse", "artefacts"):
        shutil.copytree(shop.path / folder, home.path / folder)
    lists = ("build", "--exclude-resource-types", "test", "--select", "rec_person_lists+")
    monthly = "{list_max_age_days: 30}"
    columns = "person_id, rank, product_id, score, propensity"
    before = home.query(f"select {columns} from rec_recommendations order by all")
    home.dbt(*lists, variables=monthly)
    assert home.query(f"select {columns} from rec_recommendations order by all") == before

    with duckdb.connect(str(home.warehouse)) as warehouse:
        # Somebody looks once more at what they know, a second after all others.
        ((who,),) = warehouse.execute(
            "select min(person_id) from ftr_interaction_events "
            "where person_id in (select person_id from rec_recommendations)"
        ).fetchall()
        warehouse.execute(
            "insert into ftr_interaction_events "
            "select * replace ((select max(event_at) from ftr_interaction_events) "
            "+ interval 1 second as event_at) "
            "from ftr_interaction_events where person_id = ? limit 1",
            [who],
        )
    home.dbt(*lists, variables=monthly)
    # Strangers, whose lists have no basis, always get new ones.
    newest = "as_of = (select max(as_of) from rec_person_lists)"
    renewed = f"select distinct person_id from rec_person_lists where basis <> 0 and {newest}"
    assert home.query(renewed) == [(who,)]
    still = home.query(
        f"select {columns} from rec_recommendations where person_id <> ? order by all", [who]
    )
    assert still == [row for row in before if row[0] != who]
    assert home.one("select count(*) from rec_recommendations") == len(before)


def served_by(home: Home) -> set[str]:
    """The models that lists of any slot come from."""
    return {
        version
        for table in ("rec_recommendations", "rec_similar_items", "rec_popular_items")
        for (version,) in home.query(f"select distinct model_version from {table}")
    }


def test_a_lost_challenge_leaves_the_build_green_and_the_champion_serving(
    shop: Home, lost: Home
) -> None:
    champion = served_by(shop)
    (decided,) = lost.query(
        "select distinct model_version, decision, decision_reason from rec_gate_decisions "
        "where champion_version is not null"
    )
    assert decided[1] == "kept" and "overlap" in decided[2]
    assert decided[0] not in champion
    assert served_by(lost) == champion
    lists = "select * from rec_recommendations order by person_id, rank"
    assert lost.query(lists) == shop.query(lists)
    assert lost.one("select count(distinct model_version) from rec_evaluations") == 2


@pytest.mark.slow
def test_what_people_promote_is_served_by_the_next_build(lost: Home) -> None:
    ((challenger,),) = lost.query("select model_version from rec_training")
    promote(lost.settings.artefacts, challenger, "Seen and liked.")
    variables = "{half_life_days: 10, gate_min_overlap: 1}"
    lost.dbt("build", "--select", "rec_training+", variables=variables)
    assert served_by(lost) == {challenger}
    assert lost.one("select count(*) from rec_gate_decisions where decision = 'first'") == 12


def test_the_blend_beats_popularity_on_a_shop_whose_people_have_taste(shop: Home) -> None:
    difference, low = shop.query(
        "select difference, diff_low from rec_evaluations where model = 'blend' and slice = 'warm' "
        "and metric = 'ndcg' and k = 10 and baseline = 'popular'"
    )[0]
    print(f"blend against popularity: NDCG@10 {difference:+.4f}, interval from {low:+.4f}")
    assert low > 0


def test_the_decay_of_sql_and_of_python_is_one(shop: Home) -> None:
    """ftr_interactions and what models learn from weigh time alike."""
    from trasos.recommender.data import Catalogue, InteractionLog
    from trasos.recommender.decay import decayed

    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        events = connection.sql("from ftr_interaction_events").to_arrow_table()
        products = connection.sql("from dim_products").to_arrow_table()
    log = InteractionLog.from_arrow(events, Catalogue.from_arrow(products))
    half_life = float(yaml.safe_load((ROOT / "vars.yml").read_text())["vars"]["half_life_days"])
    ours = decayed(log.weight, log.event_at, log.last_at, half_life)
    theirs = shop.one("select sum(decayed_weight) from ftr_interactions")
    assert float(ours.sum()) == pytest.approx(theirs, rel=1e-5)


def test_new_products_are_drawn_into_some_lists_and_their_rows_say_how_likely(shop: Home) -> None:
    variables = yaml.safe_load((ROOT / "vars.yml").read_text())["vars"]
    drawn, total, newest = shop.query(
        "select count(*) filter (candidate_source = 'exploration'), count(*), "
        "count(*) filter (candidate_source = 'exploration' and launched_at < "
        "  (select max(event_at) from ftr_interaction_events) - to_days(?)) "
        "from rec_recommendations join dim_products using (product_id)",
        [variables["explore_new_days"]],
    )[0]
    least = 1 - variables["explore_share"]
    assert newest == 0
    assert drawn <= total * variables["explore_places"] / variables["list_length"]
    chances = shop.query(
        "select distinct propensity from rec_recommendations "
        "where candidate_source <> 'exploration' order by propensity"
    )
    assert {chance for (chance,) in chances} <= {least, 1.0}
    assert (drawn > 0) == ((least,) in chances)
