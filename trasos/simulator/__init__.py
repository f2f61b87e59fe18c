"""A simulated online fashion shop with known truth, deterministic from a seed."""

from trasos.simulator.bulk import BulkSummary, simulate_bulk
from trasos.simulator.config import DirtRates, SimulationConfig
from trasos.simulator.run import SimulationSummary, simulate

__all__ = [
    "BulkSummary",
    "DirtRates",
    "SimulationConfig",
    "SimulationSummary",
    "simulate",
    "simulate_bulk",
]
