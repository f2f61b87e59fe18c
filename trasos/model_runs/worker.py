"""A run in a process of its own: what it costs is told, and a crash ends nothing but itself."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from trasos.errors import TrasosError
from trasos.model_runs.judging import Judged, judge_configuration
from trasos.model_runs.objective import Objective
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams

STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Task:
    """What is to be judged.

    Attributes:
        log: all interactions.
        catalogue: products.
        params: the configuration.
        held_out: see ``objective``.
        objective: see ``judging.judge_configuration``.
    """

    log: InteractionLog
    catalogue: Catalogue
    params: RecommenderParams
    held_out: str
    objective: Objective


@dataclass(frozen=True)
class Attempt:
    """What became of it.

    Attributes:
        judged: None where it failed.
        error: why it failed, in words; None where it did not.
        cpu_seconds: of all threads of its process, without the start of Python; None where the
            process did not live to tell.
        peak_memory_bytes: the most that its process had resident, the data included; None as above.
    """

    judged: Judged | None
    error: str | None
    cpu_seconds: float | None
    peak_memory_bytes: int | None


def attempt(task: Task) -> Attempt:
    """Judge a configuration in a fresh process.

    A process of its own, since only so its peak of memory is its own, and since a configuration
    that wants too much memory takes nothing else with it.

    Raises:
        KeyboardInterrupt: somebody ended it; its process is ended too.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, task), daemon=True)
    process.start()
    theirs.close()
    try:
        found: Attempt = ours.recv()
        process.join()
    except EOFError:
        process.join()
        found = Attempt(None, _death(process.exitcode), None, None)
    except BaseException:
        process.terminate()
        process.join()
        raise
    finally:
        ours.close()
    return found


def _work(answer: Connection, task: Task) -> None:
    # Ctrl-C reaches every process of the terminal; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    began = time.process_time()
    judged, error = None, None
    try:
        judged = judge_configuration(
            task.log, task.catalogue, task.params, task.held_out, task.objective
        )
    except TrasosError as trouble:
        error = str(trouble)
    except Exception as trouble:  # whatever it is, the record of the run tells it
        place = traceback.extract_tb(trouble.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        error = f"{type(trouble).__name__} at {where}: {trouble}"
    answer.send(Attempt(judged, error, time.process_time() - began, peak_memory()))
    answer.close()


def peak_memory() -> int:
    """The most that this process had resident, in bytes.

    Linux hands ``ru_maxrss`` down from the parent, so there the figure is read elsewhere.
    """
    if STATUS.exists():
        for line in STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _death(code: int | None) -> str:
    if code is None or code >= 0:
        return f"Its process ended with exit code {code} and told nothing."
    name = signal.Signals(-code).name
    hint = ": mostly the system's memory ran out" if name == "SIGKILL" else ""
    return f"Its process was ended by {name}{hint}."
