"""DuckDB and Spark give the same tables, load by load: real input and the simulated shop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.console import Console

from tests.warehouse.home import ROOT
from trasos.engines.parity import Shop, in_loads
from trasos.simulator import SimulationConfig, simulate

pytestmark = [pytest.mark.usefixtures("hasty_java"), pytest.mark.slow]

DATA = Path(os.environ.get("TRASOS_DATA", ROOT.parent / "shared/data"))


def test_a_simulated_shop_in_four_loads(tmp_path: Path) -> None:
    inbox = tmp_path / "whole"
    simulate(SimulationConfig(people=1_000, days=60, images=False), inbox, tmp_path / "truth")
    assert in_loads(Shop(tmp_path / "shop", project=ROOT), inbox, 4, Console())


def test_thelook_in_four_loads(tmp_path: Path) -> None:
    if not (DATA / "thelook").is_dir():
        pytest.skip("thelook is not there: TRASOS_DATA names no folder with it.")
    # Eight years of some two hundred events a day.
    shop = Shop(tmp_path, "thelook", project=ROOT, period="month")
    assert in_loads(shop, DATA / "thelook", 4, Console())
