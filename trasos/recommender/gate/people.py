"""What people may do with the champion: look, promote by hand, go back, retire."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from trasos.errors import ConfigurationError, NotReadyError
from trasos.recommender.folders import MANIFEST
from trasos.recommender.gate.decision import REFUSED, decisions_on
from trasos.recommender.gate.pointer import (
    RETIREMENT,
    ROLLBACK,
    Succession,
    choosing,
    move,
    succession,
)
from trasos.recommender.kept import MODEL, read_kept

BY_HAND, FORCED = "by hand", "forced"


@dataclass(frozen=True)
class Listed:
    """A version that could serve.

    Attributes:
        model_version: its name.
        trained_through: UTC, the last interaction that it learnt from.
        is_champion: whether it serves.
        outcomes: the gate's decisions on it.
        reason: of the last of them.
    """

    model_version: str
    trained_through: dt.datetime
    is_champion: bool
    outcomes: tuple[str, ...]
    reason: str


def listed(artefacts: Path) -> list[Listed]:
    """All versions that are kept, by the newest interaction that they learnt from.

    Raises:
        InputError: the champion's file or a decision is damaged.
    """
    champion = succession(artefacts).champion
    found = []
    for manifest in sorted(artefacts.glob(f"[!.]*/{MANIFEST}")):
        about = json.loads(manifest.read_bytes())
        decisions = decisions_on(artefacts, manifest.parent.name)
        found.append(
            Listed(
                model_version=manifest.parent.name,
                trained_through=dt.datetime.fromtimestamp(about["trained_through"], dt.UTC),
                is_champion=manifest.parent.name == champion,
                outcomes=tuple(decision.outcome for decision in decisions),
                reason=decisions[-1].reason if decisions else "The gate has not judged it.",
            )
        )
    return sorted(found, key=lambda each: (each.trained_through, each.model_version))


def promote(
    artefacts: Path, model_version: str, reason: str | None = None, force: bool = False
) -> Succession:
    """Let a version serve from the next build on.

    Args:
        artefacts: folder of all artefacts.
        model_version: its name.
        reason: kept in the history; needed with ``force``.
        force: also where the gate refused it or has not judged it.

    Raises:
        NotReadyError: there is no such version, or a build is choosing.
        ConfigurationError: the gate is against it and it is not forced, or force has no reason.
        InputError: its artefact is damaged.
    """
    if force and not (reason and reason.strip()):
        raise ConfigurationError(
            "Forcing a model past the gate needs a reason, which is kept: give --because as well."
        )
    with choosing(artefacts):
        _check_readable(artefacts, model_version)
        if succession(artefacts).champion == model_version:
            raise ConfigurationError(f"{model_version} is the champion: nothing was changed.")
        against = _against(artefacts, model_version)
        if against and not force:
            raise ConfigurationError(
                f"{model_version} was not promoted. {against} If it has to serve nevertheless, "
                "give --force with --because and the reason."
            )
        how = FORCED if against else BY_HAND
        return move(artefacts, model_version, how, reason or "Promoted by hand.")


def rollback(artefacts: Path, reason: str | None = None) -> Succession:
    """Let the champion before serve again from the next build on.

    Raises:
        NotReadyError: there is none, its artefact is gone, or a build is choosing.
        InputError: its artefact is damaged.
    """
    with choosing(artefacts):
        line = succession(artefacts).line
        if len(line) < 2:
            raise NotReadyError(
                "There is no champion before this one to roll back to; `trasos model list` shows "
                "the versions that `trasos model promote` can name."
            )
        _check_readable(artefacts, line[-2])
        return move(artefacts, line[-2], ROLLBACK, reason or f"Rolled back from {line[-1]}.")


def retire(artefacts: Path, reason: str) -> Succession:
    """Let nobody serve: the next build's model begins a new line; nothing where nobody does.

    Raises:
        NotReadyError: a build is choosing.
    """
    if succession(artefacts).champion is None:
        return succession(artefacts)
    with choosing(artefacts):
        now = succession(artefacts)
        return now if now.champion is None else move(artefacts, None, RETIREMENT, reason)


def _check_readable(artefacts: Path, model_version: str) -> None:
    folder = artefacts / model_version
    if not (folder / MODEL).is_file():
        known = ", ".join(each.model_version for each in listed(artefacts)) or "none"
        raise NotReadyError(f"There is no model {model_version} in {artefacts}. Kept are: {known}.")
    read_kept(folder)


def _against(artefacts: Path, model_version: str) -> str | None:
    """What the gate says against a version; None where nothing stands in the way of people."""
    decisions = decisions_on(artefacts, model_version)
    if not decisions:
        return "The gate has not judged it, so nobody knows whether its lists are sound."
    refused = [decision.reason for decision in decisions if decision.outcome == REFUSED]
    return f"The gate refused it: {refused[0]}" if refused else None
