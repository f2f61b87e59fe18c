"""Processes that end themselves with SIGKILL at a moment named, to see what they leave behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MOTHER = """
import os, signal, sys
from pathlib import Path
{imports}

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def live(place, name, when, count, *arguments):
    owner, left = eval(place), int(count)
    original = getattr(owner, name)

    def deadly(*given, **named):
        nonlocal left
        left -= 1
        if not left and when == "before":
            die()
        answer = original(*given, **named)
        if not left:
            die()
        return answer

    setattr(owner, name, deadly)
    {call}

for line in sys.stdin:
    child = os.fork()
    if not child:
        live(*line.rstrip().split("|"))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Victims:
    """Gives birth to processes that die; the imports are paid once, by their mother."""

    def __init__(self, mother: subprocess.Popen[str]) -> None:
        self._mother = mother

    def kill(self, place: str, name: str, when: str, count: int, *arguments: object) -> int:
        """Run with ``place.name`` deadly ("before" or "after" its count-th call); the exit code."""
        assert self._mother.stdin is not None and self._mother.stdout is not None
        words = (place, name, when, count, *arguments)
        print(*words, sep="|", file=self._mother.stdin, flush=True)
        return int(self._mother.stdout.readline())


@contextmanager
def victims(imports: str, call: str) -> Iterator[Victims]:
    """Start a mother.

    Args:
        imports: import statements for what ``place`` and ``call`` name.
        call: expression to run, with the strings ``arguments`` at hand.
    """
    script = _MOTHER.format(imports=imports, call=call)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as mother:
        yield Victims(mother)
        assert mother.stdin is not None
        mother.stdin.close()
