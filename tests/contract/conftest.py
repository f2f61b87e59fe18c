from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.warehouse.home import ROOT
from trasos.settings import Settings


@pytest.fixture(scope="package")
def checking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home to check files in: dbt parses the project once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TRASOS_WAREHOUSE", "TRASOS_PUBLISHED", "TRASOS_PSEUDONYM_KEY"):
            patch.delenv(name, raising=False)
        patch.setenv("TRASOS_PROJECT", str(ROOT))
        home = tmp_path_factory.mktemp("checking")
        patch.setenv("TRASOS_HOME", str(home))
        patch.setenv("COLUMNS", "200")
        yield Settings(home=home)
