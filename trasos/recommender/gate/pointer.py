"""The champion: one small file that says who serves, and everyone who did.

It is replaced in one step, so a reader and a kill find it as it was or as it is to be. Who moves
it holds a lock, so that a build does not judge against a champion that people take away meanwhile.
"""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from trasos.errors import InputError
from trasos.files import exclusive, sync, write_json

POINTER = "champion.json"
ROLLBACK, RETIREMENT = "rollback", "retirement"


@dataclass(frozen=True)
class Move:
    """One entry of the history.

    Attributes:
        at: UTC, ISO 8601.
        how: a decision of the gate (``first``, ``promoted``), or what people did (``by hand``,
            ``forced``, ``rollback``), or ``retirement``.
        champion: who serves since; None after a retirement.
        before: who served until then; None where nobody did.
        reason: in words.
    """

    at: str
    how: str
    champion: str | None
    before: str | None
    reason: str


@dataclass(frozen=True)
class Succession:
    """Who serves, and how that came.

    Attributes:
        history: every move, oldest first.
    """

    history: tuple[Move, ...] = ()

    @property
    def champion(self) -> str | None:
        """Who serves; None where nobody does."""
        return self.history[-1].champion if self.history else None

    @property
    def line(self) -> tuple[str, ...]:
        """Champions that a rollback can go through, the one that serves last.

        A rollback takes the last away, so that two of them go two back; a retirement all.
        """
        line: list[str] = []
        for move in self.history:
            if move.how == ROLLBACK:
                line.pop()
            elif move.champion is None:
                line.clear()
            else:
                line.append(move.champion)
        return tuple(line)


def succession(artefacts: Path) -> Succession:
    """Read the file; nobody serves where there is none.

    Raises:
        InputError: it cannot be read.
    """
    path = artefacts / POINTER
    if not path.exists():
        return Succession()
    try:
        content = orjson.loads(path.read_bytes())
        found = Succession(tuple(Move(**move) for move in content["history"]))
        if found.champion != content["champion"]:
            raise ValueError("the champion is not the one that the history ends with")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} does not read as what Trasos wrote ({error}). Put back a copy, or remove it: "
            "the next build's model then begins a new line of champions."
        ) from error
    return found


def choosing(artefacts: Path) -> AbstractContextManager[None]:
    """Hold the right to move the pointer.

    Raises:
        NotReadyError: another process holds it.
    """
    return exclusive(artefacts / ".champion.lock", f"choosing the champion of {artefacts}")


def move(artefacts: Path, champion: str | None, how: str, reason: str) -> Succession:
    """Let another version serve; the caller holds ``choosing``.

    Args:
        artefacts: folder of all artefacts.
        champion: who serves from now on; None for nobody.
        how: see ``Move``.
        reason: in words.
    """
    before = succession(artefacts)
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    entry = Move(at, how, champion, before.champion, reason)
    after = Succession((*before.history, entry))
    path = artefacts / POINTER
    draft = artefacts / f".{POINTER}.new"
    write_json(draft, {"champion": champion, "history": [asdict(entry) for entry in after.history]})
    draft.replace(path)
    sync(artefacts)
    return after
