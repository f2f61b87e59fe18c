"""What is landed: load days, and the folders in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from trasos.errors import InputError
from trasos.landing.ledger import Manifest, read_folder

EVENTS, LETTERS = "events.parquet", "dead_letters.parquet"


@dataclass(frozen=True)
class LandedFolder:
    """One folder of a load day: one batch, or several that were merged.

    Attributes:
        path: where it lies.
        manifest: what came in with it, and what of that was removed since.
        batches: the manifest of each batch in it, by the batch's id.
    """

    path: Path
    manifest: Manifest
    batches: dict[str, Manifest]

    @classmethod
    def read(cls, path: Path) -> LandedFolder:
        """Read a folder's manifests.

        Raises:
            InputError: they cannot be read.
        """
        return cls(path, *read_folder(path))

    @property
    def first(self) -> datetime:
        """Moment of loading of its first batch."""
        return min(datetime.fromisoformat(one["loaded_at"]) for one in self.batches.values())

    @property
    def last(self) -> datetime:
        """Moment of loading of its last batch."""
        return datetime.fromisoformat(self.manifest["loaded_at"])

    @property
    def events(self) -> int:
        """Rows that its event file should hold: what came in, without what was removed."""
        return int(self.manifest["events"]) - int(self.manifest.get("retired_events", 0))

    @property
    def letters(self) -> int:
        """Rows that its dead letters should hold."""
        retired = self.manifest.get("retired_dead_letters", 0)
        return int(self.manifest["dead_letters"]) - int(retired)

    def size(self, *names: str) -> int:
        """Bytes of some of its files; of all if none is named."""
        chosen = [self.path / name for name in names] or list(self.path.iterdir())
        return sum(path.stat().st_size for path in chosen)


@dataclass(frozen=True)
class LandedDay:
    """One load day of one source.

    Attributes:
        source: name of the source.
        day: the day of loading, UTC.
        path: the folder ``load_date=…``.
        folders: what lies in it, in the order of loading.
    """

    source: str
    day: date
    path: Path
    folders: tuple[LandedFolder, ...]

    @property
    def events(self) -> int:
        """Rows that its event files should hold."""
        return sum(folder.events for folder in self.folders)

    @property
    def letters(self) -> int:
        """Rows that its dead letters should hold."""
        return sum(folder.letters for folder in self.folders)

    def size(self, *names: str) -> int:
        """Bytes of some of its files, such as all ``events.parquet``; of all if none is named."""
        return sum(folder.size(*names) for folder in self.folders)


def landed_days(landing: Path, source: str | None = None) -> Iterator[LandedDay]:
    """Yield every load day of one source, or of all, oldest first within a source.

    Raises:
        InputError: nothing is landed for the source named, or a batch has no readable manifest.
    """
    if source is not None and not (landing / source / "events").is_dir():
        raise InputError(
            f"No events are landed for the source {source!r}: there is no folder "
            f"{landing / source / 'events'}. Name one of the folders of {landing}, or land it "
            f"first: `trasos land --source {source}`."
        )
    for path in sorted(landing.glob(f"{source or '[!.]*'}/events/load_date=*/")):
        folders = [LandedFolder.read(folder) for folder in sorted(path.glob("*/"))]
        folders.sort(key=lambda folder: (folder.first, folder.path))
        day = date.fromisoformat(path.name.removeprefix("load_date="))
        yield LandedDay(path.parents[1].name, day, path, tuple(folders))
