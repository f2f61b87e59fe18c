"""BLAS has one thread where bits count, whatever was loaded in the meantime."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LATER = """
from trasos.recommender.threads import one_blas_thread
with one_blas_thread():
    pass
import implicit.als, lightgbm, skimage, sklearn.linear_model
from threadpoolctl import threadpool_info
def threads():
    return {lib["filepath"]: lib["num_threads"] for lib in threadpool_info()
            if lib["user_api"] == "blas"}
before = threads()
with one_blas_thread():
    within = threads()
assert len(within) >= 1 and set(within.values()) == {1}, within
assert threads() == before
print(max(before.values()))
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="One core: BLAS has one thread anyway.")
def test_a_library_that_is_loaded_later_brings_no_other_blas() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LATER],
        env={"OPENBLAS_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "2", "BLAS had one thread anyway, so that nothing was shown"
