from __future__ import annotations

import os
import shutil

import pytest
from filelock import FileLock

from tests.warehouse.home import Home

# Where two processes share the files: the long ones first, so that none begins when all others
# are done; and one builds the shop while the other has work that does without it.
LONG = [
    "tests/warehouse/test_metrics.py",
    "tests/engines",
    "tests/orchestration",
    "tests/test_rebuilding.py",
    "tests/warehouse",
    "tests/contract",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        starts = [item.nodeid.startswith(prefix) for prefix in LONG]
        return starts.index(True) if True in starts else len(LONG)

    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=turn)


@pytest.fixture(scope="session")
def inbox_of_a_shop(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A simulated shop that nothing has been landed of; do not write into it."""
    home = Home(tmp_path_factory.mktemp("inbox"))
    home.simulate()
    return home


@pytest.fixture(scope="session")
def shop(inbox_of_a_shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The simulated shop, landed and built with all its data tests; do not write into it.

    Where tests run in two processes one builds it and keeps a copy, which the other takes.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return built(inbox_of_a_shop)
    shared = tmp_path_factory.getbasetemp().parent
    copy = shared / "built_shop"
    with FileLock(shared / "built_shop.lock"):
        if copy.exists():
            shutil.copytree(copy, inbox_of_a_shop.path, symlinks=True, dirs_exist_ok=True)
            return inbox_of_a_shop
        home = built(inbox_of_a_shop)
        shutil.copytree(home.path, shared / "built_shop.draft", symlinks=True)
        (shared / "built_shop.draft").rename(copy)
        return home


def built(home: Home) -> Home:
    home.land()
    home.dbt("build", "--exclude-resource-types", "unit_test")
    return home
