"""The recommender's SQL by Spark, for logs beyond one machine: the same text as DuckDB runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from trasos.engines.session import spark_session


@dataclass(frozen=True)
class Spark:
    """A session of Spark; sums of floats are taken as its parts arrive, so last bits may differ."""

    session: Any

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Spark]:
        """A session on the cluster that is named, else in this process; see ``spark_session``."""
        with spark_session() as session:
            yield cls(session)

    def show(self, name: str, rows: Any) -> None:
        """See ``Engine``; the rows are sent to the session."""
        self.session.createDataFrame(rows).createOrReplaceTempView(name)

    def hide(self, name: str) -> None:
        """See ``Engine``."""
        self.session.catalog.dropTempView(name)

    def run(self, text: str, parameters: Mapping[str, float]) -> Any:
        """See ``Engine``; Spark spells a named parameter with a colon."""
        spelt = re.sub(r"\$(?=[a-z])", ":", text)
        return self.session.sql(spelt, args=dict(parameters)).toArrow()
