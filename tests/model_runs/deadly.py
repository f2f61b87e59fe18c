"""What ends the process that reads it."""

from __future__ import annotations

import os
import signal


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    def __reduce__(self) -> tuple[object, ...]:
        return die, ()
