"""dbt's own unit tests, run where the relations that they mock exist."""

from __future__ import annotations

from tests.warehouse.home import Home


def test_unit_tests_of_the_models(shop: Home) -> None:
    said = shop.dbt("test", "--select", "test_type:unit").stdout
    assert "ERROR=0" in said
    assert "PASS=0 " not in said
