"""What a process costs: CPU, wall clock, memory, spill."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Cost:
    """What one process cost with all the processes that it waited for.

    Attributes:
        cpu_s: seconds of processor time, user and system.
        wall_s: seconds on the clock.
        peak_bytes: largest resident memory of one process.
        spill_bytes: largest size of the folder for temporary files, seen every tenth of a second.
    """

    cpu_s: float
    wall_s: float
    peak_bytes: int
    spill_bytes: int


class MeasuredProcessError(RuntimeError):
    """A measured command failed; the message ends with what it said."""


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 where there is none."""
    if path.is_file():
        return path.stat().st_size
    found = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                found += (Path(folder) / name).stat().st_size
            except FileNotFoundError:
                # Temporary files go while one looks.
                continue
    return found


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
    spill: Path | None = None,
) -> Cost:
    """Run a command to its end and say what it cost.

    Args:
        command: program and arguments.
        cwd: folder to run in.
        log: file that takes what the command says.
        environment: variables set on top of this process' own.
        spill: folder of temporary files to watch.

    Raises:
        MeasuredProcessError: the command ended with something else than 0.
    """
    most = 0
    over = threading.Event()

    def watch() -> None:
        nonlocal most
        while spill is not None and not over.wait(POLL_SECONDS):
            most = max(most, size_of(spill))

    watcher = threading.Thread(target=watch, daemon=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        watcher.start()
        # wait4 alone tells this one child's figures; RUSAGE_CHILDREN keeps the peak of all so far.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    over.set()
    watcher.join()
    if process.returncode != 0:
        raise MeasuredProcessError(
            f"{' '.join(command[:6])} ... ended with {process.returncode}; the end of {log}:\n"
            + log.read_text()[-3000:]
        )
    # Linux counts ru_maxrss in KiB.
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024, most)
