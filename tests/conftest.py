from __future__ import annotations

import pytest

from tests.warehouse.home import Home


@pytest.fixture(scope="session")
def inbox_of_a_shop(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A simulated shop that nothing has been landed of; do not write into it."""
    home = Home(tmp_path_factory.mktemp("inbox"))
    home.simulate()
    return home


@pytest.fixture(scope="session")
def shop(inbox_of_a_shop: Home) -> Home:
    """The simulated shop, landed and built with all its data tests; do not write into it."""
    inbox_of_a_shop.land()
    inbox_of_a_shop.dbt("build", "--exclude-resource-types", "unit_test")
    return inbox_of_a_shop
