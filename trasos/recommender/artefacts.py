"""Models on disk: one immutable folder a version, checked whenever it is read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.folders import write_folder
from trasos.recommender.kept import MODEL, Kept, read_kept
from trasos.recommender.packing import pack
from trasos.recommender.params import RecommenderParams
from trasos.recommender.threads import one_blas_thread
from trasos.recommender.versions import Version, version_of

LIBRARIES = ("numpy", "scipy", "lightgbm", "duckdb")
SOLVERS = {"implicit": "implicit", "trasos": "numba", "spark": "pyspark"}
"""Noted in the manifest: another release of these may change the last bit of a factor."""


@dataclass(frozen=True)
class Trained:
    """A model and where it lies.

    Attributes:
        kept: the fitted models as they are kept.
        version: what they were made of.
        folder: where they are kept.
    """

    kept: Kept
    version: Version
    folder: Path

    @property
    def recommender(self) -> Recommender:
        """The fitted models."""
        return self.kept.recommender

    @property
    def checksum(self) -> str:
        """SHA-256 over all that the manifest says, the files' checksums among it."""
        return self.kept.checksum


def train_or_load(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, root: Path
) -> Trained:
    """Load this version's model, training and keeping it first where it is not there yet.

    Args:
        log: interactions up to now.
        catalogue: products.
        params: tunables.
        root: folder of all artefacts.

    Raises:
        InputError: the folder of this version is damaged.
    """
    version = version_of(log, catalogue, params)
    folder = root / version.model_version
    if not folder.exists():
        with one_blas_thread():
            recommender = fit(log, catalogue, params)
        about = {
            "model_version": version.model_version,
            "data_snapshot": version.data_snapshot,
            "code_version": version.code_version,
            "parameters": json.loads(version.parameters),
            "trained_from": int(log.event_at[0]),
            "trained_through": log.last_at,
            "n_persons": log.n_persons,
            "n_products": log.n_products,
            "n_interactions": log.n_events,
            "tuning": asdict(recommender.tuning),
            "ranking": recommender.ranker.about(),
            "libraries": {
                name: metadata.version(name) for name in (*LIBRARIES, SOLVERS[params.als_solver])
            },
        }
        write_folder(folder, {MODEL: pack(recommender, catalogue)}, about)
    return Trained(read_kept(folder), version, folder)
