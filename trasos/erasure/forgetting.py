"""The verbs of erasure: forget a person, say what that would take, prove that it was done.

The order of the steps makes a kill harmless. The tombstone stands first; all that follows can be
done from it, again and again. The warehouse and the published link are replaced in one step each.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from trasos.erasure import copies, landed
from trasos.erasure.person import Person, find
from trasos.erasure.report import ErasureReport
from trasos.erasure.search import Sought, files_below, holding, search
from trasos.erasure.warehouse import catch_up, is_behind, reading, rebuild, work
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.files import exclusive
from trasos.landing.ledger import only_lander
from trasos.landing.pseudonyms import Pseudonyms
from trasos.landing.tombstones import FOLDER, Graveyard, Key, Tombstone, Tombstones
from trasos.model_runs.records import experimenting
from trasos.project import find_project
from trasos.recommender.gate import retire
from trasos.settings import Settings

Tell = Callable[[str], None]
#: Where people write down whose a device is; it lies in the repository.
CORRECTIONS = Path("seeds") / "identity_corrections.csv"


def forget(
    customer_id: str, source: str, settings: Settings, tell: Tell | None = None
) -> ErasureReport:
    """Take a person out of all that Trasos keeps, keep it out, and prove it.

    A person is a customer with the devices on which no other customer was seen, and with its own
    times on devices that others used too. Orders stay, as those of a guest.

    Calling again after a kill goes on where it stopped; calling again after it was done proves it
    again and changes nothing.

    Args:
        customer_id: the shop's id.
        source: whose customer it is.
        settings: the shop's home.
        tell: called with what is being done.

    Returns:
        What went, and the search; ``failed`` says whether it found anything.

    Raises:
        InputError: nobody of this id is known.
        ConfigurationError: the dbt project is not found, a seed names the person, or a tombstone's
            key is not set.
        NotReadyError: landing, a build or an experiment is under way, or dbt failed.
    """
    tell = tell or (lambda what: None)
    _check_id(customer_id)
    _check_engine(settings)
    project = find_project()
    _check_seed(project, customer_id)
    with (
        exclusive(settings.landing / FOLDER / ".lock", "forgetting somebody"),
        # An experiment that began before would write the person's values afterwards.
        experimenting(settings.artefacts),
    ):
        tell("bringing the warehouse up to date")
        if is_behind(settings):
            catch_up(settings, project, source)
        graves = Graveyard(settings.landing, Pseudonyms.from_env())
        steps: list[tuple[str, int]] = []
        with only_lander(settings.landing):
            stone, person, stones, lines, _ = _known(customer_id, source, settings, graves)
            if stone.done:
                return _proof(person, settings, project, stones, steps, tell)
            graves.write(stone)
            taken = landed.erase(settings.landing, person, lines, stone, stones, tell)
        steps.append(("raw rows that became dead letters without text", taken.events))
        steps += [(f"rows of the table {name}", rows) for name, rows in taken.tables.items()]
        # The champion was trained on the person. Without one, the fresh build's model is the first.
        retire(settings.artefacts, "A person was forgotten: every model is trained anew.")
        tell("building the warehouse anew")
        manifest = rebuild(settings, project, source, stones)
        tell("publishing anew")
        versions = copies.publish_anew(settings, manifest, tell)
        steps.append(("published versions dropped", len(versions)))
        models = copies.old_models(settings)
        copies.drop(models)
        steps.append(("folders of models and evaluations dropped", len(models)))
        copies.drop([*copies.to_look_at(settings), work(settings)])
        report = _proof(person, settings, project, stones, steps, tell)
        if not report.failed:
            graves.write(dataclasses.replace(stone, done=True))
        return report


def preview(
    customer_id: str, source: str, settings: Settings, tell: Tell | None = None
) -> ErasureReport:
    """Say what ``forget`` would take, and change nothing.

    The search of the result shows where the person is now. Errors as ``forget``; also
    ``NotReadyError`` where the warehouse is behind landing.
    """
    tell = tell or (lambda what: None)
    _check_id(customer_id)
    _check_engine(settings)
    project = find_project()
    _check_seed(project, customer_id)
    if is_behind(settings):
        raise NotReadyError(
            "The warehouse has not taken in all that was landed, so that it cannot tell which "
            "devices are the person's. Run `dbt build` first; without --dry-run that is done by "
            "itself."
        )
    graves = Graveyard(settings.landing, Pseudonyms.from_env())
    key = None if graves.has_key else Key(b"for this preview alone")
    _, person, stones, _, would = _known(customer_id, source, settings, graves, key)
    steps = [
        ("devices of the person alone", len(person.devices)),
        ("times on devices of others too", len(person.shared)),
        ("raw rows that would become dead letters", would.events),
    ]
    steps += [(f"rows of the table {name}", rows) for name, rows in would.tables.items()]
    if settings.published.is_symlink():
        count = len(list(settings.published.parent.glob(f"{settings.published.stem}_*.duckdb")))
        steps.append(("published versions to be dropped", count))
    report = _proof(person, settings, project, stones, steps, tell)
    what = f"What forgetting {customer_id} of {source} would take"
    return dataclasses.replace(report, what=what, proves=False)


def verify(
    customer_id: str, source: str, settings: Settings, tell: Tell | None = None
) -> ErasureReport:
    """Search everything for a person who was forgotten.

    The devices are known by their hashes alone then, and looked for in columns that name persons.

    Raises:
        InputError: nobody of this id was forgotten.
        NotReadyError: a build is under way.
        ConfigurationError: as ``forget``.
    """
    _check_id(customer_id)
    _check_engine(settings)
    graves = Graveyard(settings.landing, Pseudonyms.from_env())
    stone = graves.find(source, customer_id)
    if stone is None:
        raise InputError(
            f"Nobody called {customer_id!r} of the source {source!r} was forgotten here. "
            f"`trasos forget {customer_id}` does it, with --dry-run it says what would go."
        )
    stones = graves.only(stone)
    person = Person(source, customer_id)
    return _proof(person, settings, find_project(), stones, [], tell or (lambda what: None))


def _known(
    customer_id: str,
    source: str,
    settings: Settings,
    graves: Graveyard,
    key: Key | None = None,
) -> tuple[Tombstone, Person, Tombstones, landed.Lines, landed.Landed]:
    """The person with the tombstone to write, who it covers, where raw rows lie, what would go."""
    tables = settings.landing / source / "tables"
    with reading(settings) as warehouse:
        person = find(warehouse, tables, source, customer_id)
        old = graves.find(source, customer_id)
        stone = person.tombstone(key or graves.key_of(old))
        if old is not None:
            stone = old.joined(stone)
        stones = graves.only(stone, key)
        lines: landed.Lines = {}
        if warehouse is not None:
            landed.know_erased(warehouse, stones)
            lines = landed.lines_of(warehouse, source)
    found = landed.count(settings.landing, person, lines, stones)
    if not (lines or found.events or found.tables or old):
        raise InputError(
            f"No event and no table of the source {source!r} names a customer {customer_id!r}: "
            "nothing was changed. Give the id as the shop writes it, and --source for another "
            "source."
        )
    if lines or found.events or found.tables:
        stone = dataclasses.replace(stone, done=False)
    return stone, person, stones, lines, found


def _proof(
    person: Person,
    settings: Settings,
    project: Path,
    stones: Tombstones,
    steps: list[tuple[str, int]],
    tell: Tell,
) -> ErasureReport:
    sought = Sought(person.ids, stones)
    layers = search(_layers(settings, project, person.source), settings.home, sought, tell)
    tell("searching the shop's own files")
    theirs = files_below(settings.inbox / person.source, settings.truth / person.source)
    outside = [str(path.relative_to(settings.home)) for path in holding(theirs, sought)]
    what = f"Forgetting {person.customer_id} of {person.source}"
    return ErasureReport(what, steps, layers, outside)


def _layers(settings: Settings, project: Path, source: str) -> list[tuple[str, list[Path]]]:
    """All that Trasos keeps; other sources' landed files are other persons'."""
    home, landing = settings.home, settings.landing
    others = [
        folder
        for folder in landing.glob("*")
        if folder.is_dir() and folder.name not in (source, FOLDER)
    ]
    mine = [path for path in files_below(landing) if not any(map(path.is_relative_to, others))]
    return [
        ("landing", mine),
        ("warehouse", files_below(settings.warehouse.parent)),
        ("published", files_below(settings.published.parent)),
        ("models and evaluations", files_below(settings.artefacts)),
        ("build/", files_below(home / "build")),
        ("dbt's target/ and logs/", files_below(*_of_dbt(settings, project))),
        ("Dagster's .dagster/", files_below(home / ".dagster")),
    ]


def _of_dbt(settings: Settings, project: Path) -> list[Path]:
    named = [os.environ.get(name) for name in ("DBT_TARGET_PATH", "DBT_LOG_PATH")]
    own = [root / name for root in (settings.home, project) for name in ("target", "logs")]
    return [*own, *(project / path for path in named if path)]


def _check_engine(settings: Settings) -> None:
    """What Spark keeps is not reached from here: better no erasure than a false proof of one."""
    if settings.brought.exists():
        raise ConfigurationError(
            f"{settings.brought} says that Spark builds this shop's tables, and an erasure does "
            "not reach what Spark keeps. Nobody was forgotten; docs/scale.md says what to do."
        )


def _check_id(customer_id: str) -> None:
    if not customer_id.strip():
        raise ConfigurationError("Give the id of a customer: an empty one names nobody.")


def _check_seed(project: Path, customer_id: str) -> None:
    """A correction names the person in the repository, and every build would bring it back."""
    file = project / CORRECTIONS
    if file.is_file() and holding([file], Sought(frozenset({customer_id}), Tombstones())):
        raise ConfigurationError(
            f"{file} names {customer_id}: take those rows out first, since every build would bring "
            "the person back."
        )
