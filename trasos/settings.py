"""Where things lie: the folders of one shop, all below one home."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The folders of a shop's data, derived from one home folder.

    Attributes:
        home: folder that holds everything Trasos keeps for one shop.
    """

    home: Path

    @classmethod
    def from_env(cls) -> Settings:
        """Read the home folder from ``TRASOS_HOME``; the current folder where it is not set."""
        return cls(home=Path(os.environ.get("TRASOS_HOME") or ".").resolve())

    @property
    def inbox(self) -> Path:
        """What the shop drops, one folder a source."""
        return self.home / "inbox"

    @property
    def truth(self) -> Path:
        """What the simulator knows and only tests may read."""
        return self.home / "truth"

    @property
    def landing(self) -> Path:
        """What was taken in, one folder a source."""
        return self.home / "landing"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that dbt alone opens; ``TRASOS_WAREHOUSE`` moves it."""
        return self._path("TRASOS_WAREHOUSE", "warehouse/trasos.duckdb")

    @property
    def brought(self) -> Path:
        """The DuckDB file of what Spark built and readers want, where Dagster uses Spark."""
        return self.home / "warehouse/brought.duckdb"

    @property
    def published(self) -> Path:
        """The link to the newest read-only copy; ``TRASOS_PUBLISHED`` moves it."""
        return self._path("TRASOS_PUBLISHED", "published/trasos.duckdb")

    @property
    def artefacts(self) -> Path:
        """Trained models, one immutable folder a version."""
        return self.home / "artefacts"

    def _path(self, variable: str, default: str) -> Path:
        return self.home / os.environ.get(variable, default)
