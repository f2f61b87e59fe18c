"""The versions of the published copy and the link that points to one of them.

Beside the link ``trasos.duckdb`` lie ``trasos_<UTC moment>_<id>.duckdb``. Readers open the link and
never a version's file by name. It is a link, and not a file that is replaced, because DuckDB keeps
an open database by its path: within one process a second connection to a replaced file would still
read the old one, while a link resolves to another file.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trasos.errors import ConfigurationError, NotReadyError
from trasos.files import exclusive, sync

_MOMENT = "%Y%m%dT%H%M%S%fZ"


def versions(link: Path) -> list[Path]:
    """List the published files of a link, oldest first."""
    pattern = re.compile(re.escape(link.stem) + r"_\d{8}T\d{12}Z_[0-9a-f]{8}\.duckdb")
    return sorted(path for path in link.parent.glob("*.duckdb") if pattern.fullmatch(path.name))


def current(link: Path) -> Path | None:
    """The published file that the link points to; None where there is no valid link."""
    target = link.parent / link.readlink() if link.is_symlink() else None
    return target if target is not None and target.exists() else None


def next_version(link: Path) -> tuple[Path, datetime]:
    """Name the next file; its moment (UTC, no zone) is later than that of every file before it."""
    moment = datetime.now(UTC).replace(tzinfo=None)
    if existing := versions(link):
        last = datetime.strptime(existing[-1].stem.split("_")[-2], _MOMENT)
        moment = max(moment, last + timedelta(microseconds=1))
    name = f"{link.stem}_{moment.strftime(_MOMENT)}_{secrets.token_hex(4)}.duckdb"
    return link.parent / name, moment


def point(link: Path, target: Path) -> None:
    """Let the link point to ``target``, a file beside it, in one step."""
    fresh = link.parent / f".{link.name}.link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.name)
    fresh.replace(link)
    sync(link.parent)


def publishing(link: Path) -> Path:
    """The file that is locked while versions or the link are changed."""
    return link.parent / f".{link.stem}.lock"


def check_link(link: Path) -> None:
    """Make sure that nothing but a link is in the link's place.

    Raises:
        ConfigurationError: a file or a folder is there.
    """
    if link.exists() and not link.is_symlink():
        raise ConfigurationError(
            f"{link} is a file of its own, not a link to a published version. Move it away, or "
            "set TRASOS_PUBLISHED to another path."
        )


def rollback(link: Path, to: str | None = None) -> Path:
    """Let the link point to an earlier version.

    ``publish`` does not undo this by itself: as long as the content is that of the newest version,
    the link stays where it was put.

    Args:
        link: the link that readers open.
        to: file name of a version; the one before the current if not given.

    Returns:
        The version that the link points to now.

    Raises:
        NotReadyError: there is no such version, or someone is publishing.
        ConfigurationError: the link's place is taken by something else.
    """
    check_link(link)
    with exclusive(publishing(link), f"publishing to {link}"):
        kept = versions(link)
        names = ", ".join(path.name for path in kept) or "none"
        now = current(link)
        if to is not None:
            chosen = [path for path in kept if path.name == to]
        else:
            chosen = [path for path in kept if now is not None and path.name < now.name][-1:]
        if not chosen:
            wanted = f"version {to}" if to else "earlier version to roll back to"
            raise NotReadyError(f"There is no {wanted} beside {link}. Kept versions: {names}.")
        _hold(link).write_text(kept[-1].name, encoding="utf-8")
        point(link, chosen[0])
        return chosen[0]


def drop_older(link: Path, newest: Path) -> tuple[Path, ...]:
    """Let the link point to ``newest`` and remove every other version, rolled back or not.

    Returns:
        The versions that went.

    Raises:
        NotReadyError: someone is publishing.
    """
    with exclusive(publishing(link), f"publishing to {link}"):
        if current(link) != newest:
            point(link, newest)
        _hold(link).unlink(missing_ok=True)
        others = tuple(path for path in versions(link) if path != newest)
        for path in others:
            path.unlink()
        return others


def is_held(link: Path, newest: Path) -> bool:
    """Whether people decided where the link points while ``newest`` was the newest version."""
    note = _hold(link)
    return note.exists() and note.read_text(encoding="utf-8") == newest.name


def _hold(link: Path) -> Path:
    return link.parent / f".{link.stem}.held"
