"""Processes that are started together, live for a time, and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trasos.engines import keeper
from trasos.errors import NotReadyError

#: Lines of a log that an error shows.
_TAIL = 15


@dataclass(frozen=True)
class _Child:
    """A process in the hands of its keeper, which leads a process group of its own."""

    name: str
    keeper: subprocess.Popen[bytes]
    log: Path


class Processes:
    """Processes that run in the background, each with a log; they do not outlive this one.

    Args:
        logs: folder of their logs.
        seconds: how long they may live from now on.
    """

    def __init__(self, logs: Path, seconds: float) -> None:
        self._logs = logs
        self._deadline = time.monotonic() + seconds
        self._children: list[_Child] = []

    @property
    def groups(self) -> dict[str, int]:
        """The process group of each, by its name."""
        return {child.name: child.keeper.pid for child in self._children}

    def seconds_left(self) -> float:
        """How long they still have; never negative."""
        return max(0.0, self._deadline - time.monotonic())

    def start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Start one.

        Args:
            name: what people call it; its log is named so.
            command: its path and arguments.
            environment: its environment, whole.
        """
        path = self._logs / f"{name.replace(' ', '')}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-I", keeper.__file__, str(self.seconds_left()), *command],
                cwd=self._logs,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(_Child(name, process, path))

    def check(self) -> None:
        """Make sure that all of them still run.

        Raises:
            NotReadyError: one has ended before its time, with the end of its log.
        """
        # Keepers count the seconds too, and may end theirs before this process notices.
        if self.seconds_left() < 1:
            return
        for child in self._children:
            if child.keeper.poll() is not None:
                raise NotReadyError(f"The {child.name} has ended. {_end_of(child.log)}")

    def wait_until(
        self, name: str, ready: Callable[[], bool], seconds: float, say: Callable[[str], None]
    ) -> None:
        """Wait until something holds that the process started last is to bring about.

        Args:
            name: what people call that which is waited for.
            ready: whether it holds.
            seconds: how long to wait at most.
            say: takes lines for people.

        Raises:
            NotReadyError: a process ended, or the time is over.
        """
        began = time.monotonic()
        say(f"{name}: starting")
        while not ready():
            self.check()
            waited = time.monotonic() - began
            if waited > seconds or not self.seconds_left():
                raise NotReadyError(
                    f"{name}: not ready after {waited:.0f} seconds. "
                    f"{_end_of(self._children[-1].log)}"
                )
            time.sleep(0.2)
        say(f"{name}: ready after {time.monotonic() - began:.0f} seconds")

    def stop(self) -> None:
        """End all of them: first the one that was started last, since it calls upon the others."""
        for children in (self._children[-1:], self._children[:-1]):
            for child in children:
                assert child.keeper.stdin is not None  # it was asked for
                child.keeper.stdin.close()
            for child in children:
                try:
                    # Its patience, and a little for a busy machine.
                    child.keeper.wait(keeper.PATIENCE + 20)
                except subprocess.TimeoutExpired:
                    os.killpg(child.keeper.pid, signal.SIGKILL)
                    child.keeper.wait()
        self._children.clear()


def _end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
    return f"The end of {log}:\n" + ("\n".join(lines) or "(it is empty)")
