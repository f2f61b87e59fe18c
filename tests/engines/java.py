"""Spark wants Java: where there is none, a test says so."""

from __future__ import annotations

import os
import shutil

import pytest


def want_java() -> None:
    """Skip the test where Java is not installed; in CI, fail."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        message = "Spark was not asked: Java is not installed."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
