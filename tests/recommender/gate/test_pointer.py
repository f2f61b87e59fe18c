"""The pointer: old or new, never half; and what people may do with it."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.victims import Victims, victims
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.recommender.gate import listed, promote, retire, rollback, succession
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.criterion import counted
from trasos.recommender.gate.decision import decide, keep
from trasos.recommender.gate.pointer import POINTER, choosing, move


@pytest.fixture
def artefacts(shelf: Path, tmp_path: Path) -> Path:
    """A copy of the shelf to write into."""
    shutil.copytree(shelf, tmp_path / "artefacts")
    return tmp_path / "artefacts"


def judged(artefacts: Path, version: str, broken: int = 0, champion: str | None = None) -> None:
    criteria = [counted("on_sale", broken, f"{broken} of 9 lists.")]
    keep(artefacts, decide(version, champion, criteria, 1_700_000_000), GateBounds())


def test_nobody_serves_at_first(artefacts: Path) -> None:
    assert succession(artefacts).champion is None
    with pytest.raises(NotReadyError, match="no champion before"):
        rollback(artefacts)
    assert retire(artefacts, "nobody is there").history == ()


def test_moves_are_kept_with_who_was_before_and_why(artefacts: Path) -> None:
    move(artefacts, "a", "first", "It was the first.")
    after = move(artefacts, "b", "promoted", "It is better.")
    assert succession(artefacts) == after
    assert [(each.how, each.champion, each.before, each.reason) for each in after.history] == [
        ("first", "a", None, "It was the first."),
        ("promoted", "b", "a", "It is better."),
    ]
    content = json.loads((artefacts / POINTER).read_bytes())
    assert content["champion"] == "b"


@pytest.fixture(scope="module")
def killer() -> Iterator[Victims]:
    imports = (
        "from trasos.recommender.gate import pointer\nimport trasos.files as files\nimport pathlib"
    )
    with victims(imports, "pointer.move(Path(arguments[0]), 'b', 'promoted', 'better')") as mother:
        yield mother


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("place", "name", "count"),
    [("pointer", "write_json", 1), ("pathlib.Path", "replace", 1), ("pointer", "sync", 1)],
)
def test_a_kill_leaves_the_old_or_the_new(
    killer: Victims, tmp_path: Path, place: str, name: str, count: int, when: str
) -> None:
    move(tmp_path, "a", "first", "It was the first.")
    assert killer.kill(place, name, when, count, tmp_path) == -signal.SIGKILL
    replaced = name == "sync" or (name == "replace" and when == "after")
    assert succession(tmp_path).champion == ("b" if replaced else "a")
    # Whatever a kill left behind is in nobody's way.
    assert move(tmp_path, "c", "promoted", "better still").champion == "c"


def test_a_half_written_draft_is_not_read(tmp_path: Path) -> None:
    move(tmp_path, "a", "first", "It was the first.")
    (tmp_path / f".{POINTER}.new").write_text('{"champion": ')
    assert succession(tmp_path).champion == "a"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"champion": "a"}', '{"champion": "a", "history": []}', '{"history": [1]}'],
)
def test_a_damaged_pointer_is_told_in_words(tmp_path: Path, content: str) -> None:
    (tmp_path / POINTER).write_text(content)
    with pytest.raises(InputError, match=r"champion\.json does not read"):
        succession(tmp_path)


def test_rollbacks_go_back_one_champion_each(artefacts: Path, newest: str, older: str) -> None:
    move(artefacts, older, "first", "-")
    move(artefacts, newest, "promoted", "-")
    assert rollback(artefacts).champion == older
    with pytest.raises(NotReadyError, match="no champion before"):
        rollback(artefacts)
    move(artefacts, newest, "promoted", "-")
    after = rollback(artefacts, "People complain.")
    assert after.champion == older
    assert after.history[-1].reason == "People complain."
    assert after.line == (older,)


def test_a_rollback_to_a_model_that_is_gone_is_refused(
    artefacts: Path, newest: str, older: str
) -> None:
    move(artefacts, older, "first", "-")
    move(artefacts, newest, "promoted", "-")
    shutil.rmtree(artefacts / older)
    with pytest.raises(NotReadyError, match=f"no model {older}.*Kept are: {newest}"):
        rollback(artefacts)
    assert succession(artefacts).champion == newest


def test_people_promote_what_the_gate_has_nothing_against(
    artefacts: Path, newest: str, older: str
) -> None:
    move(artefacts, older, "first", "-")
    judged(artefacts, newest, champion=older)
    after = promote(artefacts, newest)
    assert after.champion == newest
    assert after.history[-1].how == "by hand"
    with pytest.raises(ConfigurationError, match="is the champion"):
        promote(artefacts, newest)


def test_what_the_gate_refused_has_to_be_forced_with_a_reason(artefacts: Path, newest: str) -> None:
    with pytest.raises(ConfigurationError, match="has not judged it"):
        promote(artefacts, newest)
    judged(artefacts, newest, broken=3)
    with pytest.raises(ConfigurationError, match=r"refused it.*on_sale: 3 of 9 lists"):
        promote(artefacts, newest)
    for reason in (None, "", " "):
        with pytest.raises(ConfigurationError, match="--because"):
            promote(artefacts, newest, reason, force=True)
    assert succession(artefacts).champion is None
    entry = promote(artefacts, newest, "Three lists are better than none.", force=True).history[-1]
    assert (entry.how, entry.reason) == ("forced", "Three lists are better than none.")


def test_what_is_not_there_or_damaged_is_not_promoted(artefacts: Path, newest: str) -> None:
    with pytest.raises(NotReadyError, match="no model nothing"):
        promote(artefacts, "nothing")
    with pytest.raises(NotReadyError, match="no model evaluations"):
        promote(artefacts, "evaluations")
    judged(artefacts, newest)
    model = artefacts / newest / "model.npz"
    model.chmod(0o644)
    model.write_bytes(b"half")
    with pytest.raises(InputError, match="damaged"):
        promote(artefacts, newest)
    assert succession(artefacts).champion is None


def test_one_at_a_time_may_choose(artefacts: Path, newest: str) -> None:
    with choosing(artefacts), pytest.raises(NotReadyError, match="choosing the champion"):
        promote(artefacts, newest)


def test_a_retirement_ends_the_line(artefacts: Path, newest: str, older: str) -> None:
    move(artefacts, older, "first", "-")
    move(artefacts, newest, "promoted", "-")
    assert retire(artefacts, "A person was forgotten.").champion is None
    move(artefacts, older, "first", "-")
    with pytest.raises(NotReadyError):
        rollback(artefacts)


def test_the_list_shows_who_serves_and_what_was_decided(
    artefacts: Path, newest: str, older: str
) -> None:
    judged(artefacts, older)
    judged(artefacts, newest, broken=3)
    move(artefacts, older, "first", "-")
    first, second = listed(artefacts)
    assert (first.model_version, first.is_champion, first.outcomes) == (older, True, ("first",))
    assert (second.model_version, second.is_champion) == (newest, False)
    assert second.outcomes == ("refused",) and "on_sale" in second.reason
    assert first.trained_through < second.trained_through
