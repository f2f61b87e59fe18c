"""The whole way: train, judge, decide, point; and again with nothing new."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.recommender.factory import simulate
from tests.recommender.gate.conftest import days_ago, trained, trial
from tests.victims import Victims, victims
from trasos.errors import InputError
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.gate import promote, rollback, succession
from trasos.recommender.gate.criterion import RULES
from trasos.recommender.gate.decision import ROWS, decisions_on
from trasos.recommender.gate.pointer import POINTER, move
from trasos.recommender.gate.trial import Trial


@pytest.fixture
def artefacts(shelf: Path, tmp_path: Path) -> Path:
    shutil.copytree(shelf, tmp_path / "artefacts")
    return tmp_path / "artefacts"


def outcome(rows: Any) -> str:
    (found,) = set(rows["decision"].to_pylist())
    return str(found)


def test_the_first_model_serves_and_the_next_one_meets_it(
    log: InteractionLog, catalogue: Catalogue, artefacts: Path, newest: str, older: str
) -> None:
    rows = trial(days_ago(log, 10), catalogue, artefacts).settle(older)
    assert outcome(rows) == "first"
    assert rows.schema == ROWS
    assert succession(artefacts).champion == older
    rows = trial(log, catalogue, artefacts).settle(newest)
    assert rows["criterion"].to_pylist() == list(RULES)
    assert set(rows["champion_version"].to_pylist()) == {older}
    by_name = {row["criterion"]: row for row in rows.to_pylist()}
    assert by_name["ndcg"]["ci_low"] < by_name["ndcg"]["value"] < by_name["ndcg"]["ci_high"]
    assert "10.0 days old" in by_name["ndcg"]["reason"]
    assert 0.5 < by_name["overlap"]["value"] < 1
    # Ten days are no longer fresh, and the newest model is not shown to be worse.
    assert outcome(rows) == "promoted"
    assert succession(artefacts).champion == newest
    assert [each.how for each in succession(artefacts).history] == ["first", "promoted"]


def files(artefacts: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns
        for path in artefacts.rglob("*")
        if path.is_file() and path.name != ".champion.lock"
    }


def test_nothing_new_writes_nothing_and_says_the_same(
    log: InteractionLog,
    catalogue: Catalogue,
    artefacts: Path,
    newest: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = trial(log, catalogue, artefacts)
    first, before = ours.settle(newest), files(artefacts)
    monkeypatch.setattr(Trial, "judge", lambda *_: pytest.fail("judged again"))
    assert ours.settle(newest).equals(first)
    assert files(artefacts) == before


def test_what_people_decide_stands_until_there_is_something_new(
    log: InteractionLog, catalogue: Catalogue, artefacts: Path, newest: str, older: str
) -> None:
    trial(days_ago(log, 10), catalogue, artefacts).settle(older)
    ours = trial(log, catalogue, artefacts)
    ours.settle(newest)
    rollback(artefacts)
    ours.settle(newest)
    assert succession(artefacts).champion == older
    promote(artefacts, newest)
    rollback(artefacts)
    assert succession(artefacts).champion == older


@pytest.fixture
def cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is judged would serve lists that are one product short."""
    whole = Trial.contender

    def broken(self: Trial, version: str, split: Any, **named: Any) -> Any:
        found = whole(self, version, split, **named)
        lists = found.served[0]
        cut = replace(lists, items=lists.items[:, :-1], scores=lists.scores[:, :-1])
        return replace(found, served=(cut, *found.served[1:]))

    monkeypatch.setattr(Trial, "contender", broken)


def test_a_refused_challenger_leaves_the_champion_and_says_why(
    log: InteractionLog,
    catalogue: Catalogue,
    artefacts: Path,
    newest: str,
    older: str,
    cut_short: None,
) -> None:
    move(artefacts, older, "first", "-")
    rows = trial(log, catalogue, artefacts).settle(newest)
    assert outcome(rows) == "refused"
    assert succession(artefacts).champion == older
    # It never met the champion: what it breaks, no comparison mends.
    assert set(rows["kind"].to_pylist()) == {"invariant"}


def test_a_first_model_that_is_refused_serves_nobody(
    log: InteractionLog, catalogue: Catalogue, artefacts: Path, newest: str, cut_short: None
) -> None:
    for _ in range(2):
        assert outcome(trial(log, catalogue, artefacts).settle(newest)) == "refused"
        assert succession(artefacts).champion is None


def another_shop() -> tuple[InteractionLog, Catalogue]:
    """A shop none of whose products the other one sells."""
    shop = simulate(n_persons=200, n_events=5000, seed=9)
    renamed = pa.array([f"x{name}" for name in shop.products["product_id"].to_pylist()])
    products = Catalogue.from_arrow(shop.products.set_column(0, "product_id", renamed))
    names = pa.array([f"x{name}" for name in shop.interactions["product_id"].to_pylist()])
    events = shop.interactions.set_column(1, "product_id", names)
    return InteractionLog.from_arrow(events, products), products


def test_a_champion_of_another_shop_does_not_serve_even_where_the_own_model_is_refused(
    catalogue: Catalogue, artefacts: Path, newest: str, cut_short: None
) -> None:
    events, products = another_shop()
    move(artefacts, newest, "first", "-")
    there = trained(events, products, artefacts)
    assert outcome(trial(events, products, artefacts).settle(there)) == "refused"
    assert succession(artefacts).champion is None
    assert succession(artefacts).history[-1].how == "retirement"


def test_a_champion_of_another_shop_counts_as_nobody(
    log: InteractionLog, catalogue: Catalogue, artefacts: Path, newest: str
) -> None:
    events, other = another_shop()
    there = trained(events, other, artefacts)
    for _ in range(2):
        assert outcome(trial(log, catalogue, artefacts).settle(newest)) == "first"
        assert succession(artefacts).champion == newest
        assert outcome(trial(events, other, artefacts).settle(there)) == "first"
        assert succession(artefacts).champion == there


def test_a_log_too_short_for_a_test_has_a_champion_all_the_same(
    log: InteractionLog, catalogue: Catalogue, tmp_path: Path
) -> None:
    short = log.before(int(log.event_at[0]) + 5 * 86_400)
    short, _ = short.with_own_persons()
    version = trained(short, catalogue, tmp_path)
    rows = trial(short, catalogue, tmp_path).settle(version)
    assert outcome(rows) == "first"
    later = trained(days_ago(log, 83), catalogue, tmp_path)
    rows = trial(days_ago(log, 83), catalogue, tmp_path).settle(later)
    assert outcome(rows) == "kept"
    assert "too short to hold out a test" in rows["decision_reason"][0].as_py()


def test_a_champion_that_cannot_be_read_is_told_in_words(
    log: InteractionLog, catalogue: Catalogue, artefacts: Path, newest: str, older: str
) -> None:
    trial(days_ago(log, 10), catalogue, artefacts).settle(older)
    model = artefacts / older / "model.npz"
    model.chmod(0o644)
    model.write_bytes(b"half")
    with pytest.raises(InputError, match=f"The model {older} cannot be read.*trasos model promote"):
        trial(log, catalogue, artefacts).settle(newest)
    assert decisions_on(artefacts, newest) == []


@pytest.fixture(scope="module")
def killer() -> Iterator[Victims]:
    imports = """
from tests.recommender.gate import conftest
from tests.recommender.factory import simulate
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.gate import pointer, trial
shop = simulate(taste=0.8)
catalogue = Catalogue.from_arrow(shop.products)
log = InteractionLog.from_arrow(shop.interactions, catalogue)
"""
    call = "conftest.trial(log, catalogue, Path(arguments[0])).settle(arguments[1])"
    with victims(imports, call) as mother:
        yield mother


@pytest.mark.parametrize(
    ("name", "when"), [("keep", "before"), ("keep", "after"), ("move", "before"), ("move", "after")]
)
def test_a_kill_between_decision_and_move_is_made_good(
    killer: Victims,
    log: InteractionLog,
    catalogue: Catalogue,
    artefacts: Path,
    newest: str,
    older: str,
    name: str,
    when: str,
) -> None:
    trial(days_ago(log, 10), catalogue, artefacts).settle(older)
    assert killer.kill("trial", name, when, 1, artefacts, newest) == -signal.SIGKILL
    moved = (name, when) == ("move", "after")
    assert succession(artefacts).champion == (newest if moved else older)
    rows = trial(log, catalogue, artefacts).settle(newest)
    assert outcome(rows) == "promoted"
    assert succession(artefacts).champion == newest
    history = json.loads((artefacts / POINTER).read_bytes())["history"]
    assert [each["champion"] for each in history] == [older, newest]
