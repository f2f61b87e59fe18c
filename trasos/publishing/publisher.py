"""The one verb of publishing: copy, prove, swap, tidy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from trasos.errors import ConfigurationError
from trasos.files import exclusive, sync
from trasos.metrics import SavedQuery
from trasos.publishing.copying import (
    PUBLICATION,
    Fingerprint,
    answer_print,
    check_tables,
    copy_tables,
    fingerprint,
    open_warehouse,
    published_prints,
)
from trasos.publishing.versions import (
    check_link,
    current,
    is_held,
    next_version,
    point,
    publishing,
    versions,
)

#: Told about progress: the table at hand, tables done, tables in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PublishReport:
    """What a call of ``publish`` did.

    Attributes:
        is_new: whether a new version was written; False where the newest one holds the same.
        version: the newest version, written now or before.
        current: what the link points to now; another version only after a rollback.
        rows: rows of each published table.
        size: bytes of the newest version.
        removed: versions that were removed.
        left_out: questions that could not be answered, since a table that they read is not there.
    """

    is_new: bool
    version: Path
    current: Path
    rows: dict[str, int]
    size: int
    removed: tuple[Path, ...]
    left_out: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One sentence on what was done."""
        done = "Published" if self.is_new else "Nothing new: the newest version is still"
        text = f"{done} {self.version.name}, {self.size / 1e6:,.1f} MB"
        if self.removed:
            text += f"; {len(self.removed)} older removed"
        if self.left_out:
            text += f"; without {', '.join(self.left_out)}, whose tables are not published"
        if self.current != self.version:
            text += f"; rolled back before, so the link stays at {self.current.name}"
        return f"{text}."

    def table(self) -> Table:
        """Lay out the rows of each table for a terminal."""
        table = Table()
        table.add_column("published table")
        table.add_column("rows", justify="right")
        for name, count in self.rows.items():
            table.add_row(escape(name), f"{count:,}")
        return table


def publish(
    warehouse: Path,
    link: Path,
    tables: Sequence[str],
    keep: int = 3,
    progress: Progress | None = None,
    answers: Sequence[SavedQuery] = (),
) -> PublishReport:
    """Copy tables of the warehouse into a new read-only file and let the link point to it.

    Readers open ``link`` at any time: they see the version before or this one, never a half one.
    A version that is removed while a reader holds it open stays readable for that reader. Where
    anything fails, the link stays as it was. Content equal to that of the newest version is not
    published again.

    Args:
        warehouse: DuckDB file of the build, which must have ended.
        link: symbolic link that readers open; the versions lie beside it.
        tables: names of tables in the schema ``main``.
        keep: versions to keep, the new one included; at least 1.
        progress: called with (table, tables done, tables in all).
        answers: questions to these tables that become tables too; one that reads a table which is
            not among them is left out, and told.

    Returns:
        What was done.

    Raises:
        ConfigurationError: no table is named, ``keep`` is below 1, or a file is in the
            link's place.
        NotReadyError: the warehouse or a table is missing, the warehouse is in use, or someone
            else is publishing.
        InputError: a table could not be copied as it is.
    """
    names = list(dict.fromkeys(tables))
    if not names or PUBLICATION in names:
        raise ConfigurationError(
            f"Name at least one table to publish, and not {PUBLICATION}, which publishing adds."
        )
    if keep < 1:
        raise ConfigurationError(f"Keep at least 1 published version, not {keep}.")
    check_link(link)
    link.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(publishing(link), f"publishing to {link}"):
        workshop = link.parent / f".{link.stem}.incoming"
        shutil.rmtree(workshop, ignore_errors=True)  # what a killed run left
        workshop.mkdir()
        try:
            asked = [answer for answer in answers if set(answer.tables) <= set(names)]
            left_out = tuple(answer.name for answer in answers if answer not in asked)
            report = _publish(warehouse, link, names, asked, keep, workshop, progress)
            return replace(report, left_out=left_out)
        finally:
            shutil.rmtree(workshop, ignore_errors=True)


def _publish(
    warehouse: Path,
    link: Path,
    tables: list[str],
    answers: list[SavedQuery],
    keep: int,
    workshop: Path,
    progress: Progress | None,
) -> PublishReport:
    done, total = 0, len(tables) + len(answers)

    def tell(table: str) -> None:
        nonlocal done
        if progress is not None:
            progress(table, done, total)
        done += 1

    with open_warehouse(warehouse, workshop / "spill") as connection:
        check_tables(connection, warehouse, tables)
        prints = {table: fingerprint(connection, "warehouse", table) for table in tables}
        existing = versions(link)
        known = published_prints(connection, existing[-1]) if existing else {}
        made = {
            answer.name: Fingerprint(known[answer.name].rows, answer_print(answer))
            for answer in answers
            if answer.name in known
        }
        is_new = len(made) < len(answers) or known != {**prints, **made}
        if is_new:
            version, moment = next_version(link)
            draft = workshop / version.name
            held = copy_tables(connection, draft, prints, answers, moment, warehouse.name, tell)
            draft.chmod(0o444)
            sync(draft)
            draft.rename(version)
            sync(link.parent)
        else:
            version, held = existing[-1], known
    # A run may have been killed between the file and the link; only people hold a link back.
    if is_new or not (is_held(link, version) and current(link)):
        point(link, version)
    if progress is not None:
        progress("", total, total)
    target = current(link)
    assert target is not None  # the link was set above, under the lock
    return PublishReport(
        is_new=is_new,
        version=version,
        current=target,
        rows={table: found.rows for table, found in held.items()},
        size=version.stat().st_size,
        removed=_remove_old(link, keep, target),
    )


def _remove_old(link: Path, keep: int, target: Path) -> tuple[Path, ...]:
    """Remove all but the newest ``keep`` versions and the one the link points to."""
    old = tuple(path for path in versions(link)[:-keep] if path != target)
    for path in old:
        path.unlink()
    return old
