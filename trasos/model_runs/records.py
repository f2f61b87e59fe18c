"""Runs on disk: one immutable folder a run, and beside it what its persons got.

``artefacts/runs/EXPERIMENT/NUMBER/`` holds the record and the metrics, which name nobody and stay.
``artefacts/run_values/EXPERIMENT/NUMBER/`` holds a value a person, by the person's place among the
judged; an erasure removes all of it, since a person who is to be forgotten has a row in each.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.files import exclusive
from trasos.model_runs.judging import METRICS
from trasos.model_runs.objective import Objective
from trasos.recommender.folders import MANIFEST, read_folder, write_folder

RUNS, VALUES = "runs", "run_values"
METRICS_FILE, VALUES_FILE = "metrics.parquet", "values.parquet"
DONE, FAILED = "done", "failed"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,46}[a-z0-9])?")
_RUN_ID = re.compile(r"(?P<experiment>.+)-(?P<number>\d{3,})")


@dataclass(frozen=True)
class Run:
    """A run as it is kept.

    Attributes:
        experiment: its experiment.
        number: within the experiment, from 1.
        held_out: the days that it was judged on, ``validation`` or ``test``.
        status: ``DONE`` or ``FAILED``.
        error: why it failed, in words; None where it did not.
        parameters: canonical JSON of all of them.
        changed: those that differ from the experiment's base, name to value.
        data_snapshot: name of the log and catalogue.
        code_version: name of the recommender's source.
        objective: what the experiment maximises.
        started_at: UTC, ISO 8601.
        cpu_seconds: of all threads; None where the process did not live to tell.
        peak_memory_bytes: of its process; None as above.
        ground: name of who was judged on what; None where it failed, as all that follows.
        split_at: seconds, first moment of the held-out days.
        judged_through: seconds, last moment of them.
        n_persons: judged persons.
        tuning: what the configuration chose for itself.
    """

    experiment: str
    number: int
    held_out: str
    status: str
    error: str | None
    parameters: str
    changed: dict[str, Any]
    data_snapshot: str
    code_version: str
    objective: Objective
    started_at: str
    cpu_seconds: float | None
    peak_memory_bytes: int | None
    ground: str | None = None
    split_at: int | None = None
    judged_through: int | None = None
    n_persons: int | None = None
    tuning: dict[str, Any] | None = None

    @property
    def run_id(self) -> str:
        """Experiment and number, as people name it."""
        return f"{self.experiment}-{self.number:03d}"


@dataclass(frozen=True)
class Kept:
    """A run with its metrics.

    Attributes:
        run: the record.
        metrics: ``pyarrow.Table`` with schema ``judging.METRICS``; no row where it failed.
    """

    run: Run
    metrics: Any

    def figure(self, objective: Objective | None = None) -> dict[str, Any] | None:
        """The row of an objective, the run's own where none is given; None where it has none."""
        wanted = asdict(objective or self.run.objective)
        for row in self.metrics.to_pylist():
            if all(row[name] == value for name, value in wanted.items()):
                return dict(row)
        return None


TABLE = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("experiment", pa.string(), nullable=False),
        pa.field("run_number", pa.int32(), nullable=False),
        pa.field("held_out", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("error", pa.string()),
        pa.field("parameters", pa.string(), nullable=False),
        pa.field("changed_parameters", pa.string(), nullable=False),
        pa.field("data_snapshot", pa.string(), nullable=False),
        pa.field("code_version", pa.string(), nullable=False),
        pa.field("ground", pa.string()),
        pa.field("started_at", pa.timestamp("us"), nullable=False),
        pa.field("cpu_seconds", pa.float64()),
        pa.field("peak_memory_bytes", pa.int64()),
        pa.field("objective", pa.string(), nullable=False),
        pa.field("objective_slice", pa.string(), nullable=False),
        pa.field("objective_model", pa.string(), nullable=False),
        *(field.with_nullable(True) for field in METRICS),
    ]
)
"""One row a run and figure; a failed run has one row without a figure."""


def experimenting(artefacts: Path) -> AbstractContextManager[None]:
    """Hold the right to write runs.

    Raises:
        NotReadyError: another process holds it.
    """
    return exclusive(artefacts / ".runs.lock", f"running an experiment in {artefacts}")


def check_name(experiment: str) -> None:
    """Refuse a name that makes no folder.

    Raises:
        ConfigurationError: it is not made of small letters, digits, - and _.
    """
    if not _NAME.fullmatch(experiment):
        raise ConfigurationError(
            f"{experiment!r} names no experiment: up to 48 small letters, digits, - and _ do, as "
            "in als-factors."
        )


def keep(artefacts: Path, run: Run, metrics: Any | None, values: Any | None) -> None:
    """Write a run for good, the values first: a run that can be seen is whole.

    Args:
        artefacts: folder of all artefacts.
        run: the record.
        metrics: with schema ``judging.METRICS``; None where it failed.
        values: as ``judging.Judged.values``; None where it failed.
    """
    place = Path(run.experiment) / f"{run.number:03d}"
    if values is not None:
        about = {"run_id": run.run_id, "ground": run.ground}
        write_folder(artefacts / VALUES / place, {VALUES_FILE: _parquet(values)}, about)
    files = {} if metrics is None else {METRICS_FILE: _parquet(metrics)}
    write_folder(artefacts / RUNS / place, files, {"run": asdict(run)})


def kept_runs(artefacts: Path, experiment: str | None = None) -> list[Kept]:
    """All runs, or those of one experiment, by experiment and number.

    Raises:
        InputError: one is damaged, or was written by another release.
    """
    root = artefacts / RUNS
    names = [experiment] if experiment is not None else _names(root)
    return [_read(folder) for name in names for folder in _folders(root / name)]


def find(artefacts: Path, run_id: str) -> Kept:
    """One run by its id.

    Raises:
        NotReadyError: there is none.
        InputError: it is damaged.
    """
    match = _RUN_ID.fullmatch(run_id)
    folder = artefacts / RUNS / match["experiment"] / match["number"] if match else None
    if folder is None or not (folder / MANIFEST).exists():
        raise NotReadyError(
            f"There is no run {run_id!r} in {artefacts / RUNS}; `trasos experiment list` shows all."
        )
    return _read(folder)


def next_number(artefacts: Path, experiment: str) -> int:
    """The number of the next run of an experiment; a number is never given twice."""
    numbers = [
        int(folder.name)
        for shelf in (RUNS, VALUES)
        for folder in _folders(artefacts / shelf / experiment)
    ]
    return max(numbers, default=0) + 1


def read_values(artefacts: Path, run: Run) -> Any:
    """What each judged person got, as ``judging.Judged.values``.

    Raises:
        NotReadyError: the values are not there any more.
        InputError: they are damaged.
    """
    folder = artefacts / VALUES / run.experiment / f"{run.number:03d}"
    if not folder.exists():
        raise NotReadyError(
            f"What each person got in {run.run_id} is gone: it goes when somebody is forgotten, "
            "and with a folder that was removed. Its metrics are still in `trasos experiment "
            "list`; run the experiment again under another name to compare."
        )
    files, _ = read_folder(folder)
    return pq.read_table(io.BytesIO(files[VALUES_FILE]))


def to_table(artefacts: Path) -> Any:
    """Every run with its figures, with schema ``TABLE``."""
    rows = []
    for kept in kept_runs(artefacts):
        run = kept.run
        about = {
            "run_id": run.run_id,
            "experiment": run.experiment,
            "run_number": run.number,
            "held_out": run.held_out,
            "status": run.status,
            "error": run.error,
            "parameters": run.parameters,
            "changed_parameters": json.dumps(run.changed, sort_keys=True, separators=(",", ":")),
            "data_snapshot": run.data_snapshot,
            "code_version": run.code_version,
            "ground": run.ground,
            "started_at": _naive(run.started_at),
            "cpu_seconds": run.cpu_seconds,
            "peak_memory_bytes": run.peak_memory_bytes,
            "objective": run.objective.label,
            "objective_slice": run.objective.slice,
            "objective_model": run.objective.model,
        }
        rows += [{**about, **figure} for figure in kept.metrics.to_pylist() or [{}]]
    return pa.Table.from_pylist(rows, schema=TABLE)


def _read(folder: Path) -> Kept:
    files, manifest = read_folder(folder)
    try:
        about = dict(manifest["run"])
        run = Run(**{**about, "objective": Objective(**about["objective"])})
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{folder} holds no run that this release can read ({error}): it was written by "
            "another one. Move it away."
        ) from error
    metrics = METRICS.empty_table()
    if METRICS_FILE in files:
        metrics = pq.read_table(io.BytesIO(files[METRICS_FILE]))
    return Kept(run, metrics)


def _names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _folders(root: Path) -> Iterator[Path]:
    """Folders of runs by number; what a killed process left behind begins with a dot."""
    found = [path for path in root.iterdir() if path.name.isdigit()] if root.is_dir() else []
    yield from sorted(found, key=lambda path: int(path.name))


def _parquet(table: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _naive(moment: str) -> Any:
    return dt.datetime.fromisoformat(moment).astimezone(dt.UTC).replace(tzinfo=None)
