"""Ports of this machine that only this machine reaches."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from trasos.errors import ConfigurationError

HOST = "127.0.0.1"


def free_ports(*wanted: int) -> list[int]:
    """Ports that are free now: the ones wanted, and any where that is 0.

    Raises:
        ConfigurationError: one cannot be had.
    """
    with ExitStack() as stack:
        # All are held until all are found, so that none is found twice.
        listeners = [stack.enter_context(socket.socket()) for _ in wanted]
        for listener, port in zip(listeners, wanted, strict=True):
            # As servers do: a port whose last connections have just been closed is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
            except (OSError, OverflowError) as error:
                raise ConfigurationError(
                    f"Port {port} of {HOST} cannot be had: {error}. End the program that has it, "
                    "or name another port (0 takes a free one)."
                ) from error
        return [int(listener.getsockname()[1]) for listener in listeners]


def answers(port: int) -> bool:
    """Whether something listens at a port."""
    with socket.socket() as caller:
        caller.settimeout(2)
        return caller.connect_ex((HOST, port)) == 0


def state_at(status_port: int) -> Callable[[], dict[str, Any]]:
    """A function that asks the master for its state; empty while it does not answer."""
    # Past the proxies that the environment may name: this is loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def state() -> dict[str, Any]:
        try:
            with opener.open(f"http://{HOST}:{status_port}/json/", timeout=5) as answer:
                return dict(json.load(answer))
        except (OSError, http.client.HTTPException):
            return {}

    return state
