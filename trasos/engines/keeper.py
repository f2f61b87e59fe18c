"""Runs one program, and lets it outlive neither the process that asked for it nor a time.

Called as ``python keeper.py SECONDS PROGRAM [ARGUMENT ...]``, as the leader of a process group. Its
standard input is a pipe whose other end the asking process holds and never writes to: however that
process ends, be it by SIGKILL, the pipe ends too, and with it the program and all that it started.

It is called by its path and imports nothing of Trasos, so that it is small beside what it keeps.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

#: Seconds that a program has to end by itself once it is asked to.
PATIENCE = 10.0


def keep(seconds: float, program: list[str]) -> None:
    """Run a program; end it, and what it started, when standard input ends or the time is over.

    Args:
        seconds: how long it may live.
        program: its path and arguments.
    """
    # The group is asked to end by SIGTERM, and this process is one of it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    deadline = time.monotonic() + seconds
    try:
        child = subprocess.Popen(program, stdin=subprocess.DEVNULL)
        while child.poll() is None and time.monotonic() < deadline:
            if select.select([sys.stdin], [], [], 0.2)[0]:
                break
        if child.returncode is not None:
            print(f"The process ended with exit code {child.returncode}.", flush=True)
        os.killpg(0, signal.SIGTERM)
        child.wait(PATIENCE)
    except OSError as error:
        print(f"{program[0]} cannot be run: {error}", flush=True)
    except subprocess.TimeoutExpired:
        print(f"The process did not end within {PATIENCE:g} seconds and was killed.", flush=True)
    finally:
        # What is left of the group, this process included.
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    keep(float(sys.argv[1]), sys.argv[2:])
