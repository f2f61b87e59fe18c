"""Models on disk: one immutable folder a version, checked whenever it is read."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from trasos.errors import InputError, NotReadyError
from trasos.recommender.arrays import Sparse
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.models.als import Als
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.popularity import Popular, PopularInDepartment
from trasos.recommender.params import RecommenderParams
from trasos.recommender.threads import one_blas_thread
from trasos.recommender.tune import Tuning
from trasos.recommender.versions import Version, version_of

MANIFEST, MODEL = "manifest.json", "model.npz"
LIBRARIES = ("numpy", "scipy")
SOLVERS = {"implicit": "implicit", "spark": "pyspark"}
"""Noted in the manifest: another release of these may change the last bit of a factor."""


@dataclass(frozen=True)
class Trained:
    """A model and where it lies.

    Attributes:
        recommender: the fitted models.
        version: what they were made of.
        folder: where they are kept.
        checksum: SHA-256 over all that the manifest says, the files' checksums among it.
    """

    recommender: Recommender
    version: Version
    folder: Path
    checksum: str


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
            "trained_through": log.last_at,
            "n_persons": log.n_persons,
            "n_products": log.n_products,
            "n_interactions": log.n_events,
            "tuning": asdict(recommender.tuning),
            "libraries": {
                name: metadata.version(name) for name in (*LIBRARIES, SOLVERS[params.als_solver])
            },
        }
        write_folder(folder, {MODEL: _pack(recommender)}, about)
    files, manifest = read_folder(folder)
    return Trained(_unpack(files[MODEL]), version, folder, manifest["checksum"])


def write_folder(folder: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write files and their manifest beside the folder, then rename: all of it, or nothing.

    Where the folder is already there, another run was first with the same content, and stays.

    Args:
        folder: to be made; its parents too.
        files: name to content.
        about: what else the manifest says.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest: dict[str, Any] = {**about, "files": checksums}
    manifest["checksum"] = _checksum(manifest)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        contents = {**files, MANIFEST: json.dumps(manifest, indent=2, sort_keys=True).encode()}
        for name, content in contents.items():
            path = unfinished / name
            path.write_bytes(content)
            path.chmod(0o444)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / MANIFEST).exists():
                raise
    finally:
        if unfinished.exists():
            shutil.rmtree(unfinished)


def read_folder(folder: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Read a folder's files, holding each to its checksum.

    Returns:
        Content by name, and the manifest.

    Raises:
        NotReadyError: there is no such folder.
        InputError: a file is missing or is not what was written.
    """
    if not folder.exists():
        raise NotReadyError(f"No artefact {folder.name} in {folder.parent.name}/: train it first.")
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        checksums: dict[str, str] = manifest["files"]
        files = {name: (folder / name).read_bytes() for name in checksums}
        expected = manifest["checksum"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != checksums[name]:
            raise _damaged(folder, f"{name} is not what was written")
    if _checksum(manifest) != expected:
        raise _damaged(folder, f"{MANIFEST} is not what was written")
    return files, manifest


def _damaged(folder: Path, what: str) -> InputError:
    return InputError(
        f"Artefact {folder.name} is damaged ({what}): remove its folder and train it again."
    )


def _checksum(manifest: Mapping[str, Any]) -> str:
    """Of all that the manifest says, the checksums of the files among it."""
    said = {name: value for name, value in manifest.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _pack(recommender: Recommender) -> bytes:
    """The arrays of all models, without ids of persons.

    Without the log nobody can tell whose factors they are, and erasing a person there is enough.
    """
    tuning = recommender.tuning
    arrays = {
        "popularity": recommender.popular.popularity,
        "by_department": recommender.in_department.by_department,
        "main_department": recommender.in_department.main_department,
        "department": recommender.in_department.department,
        "category": recommender.in_department.category,
        "person_factors": recommender.als.person_factors,
        "item_factors": recommender.als.item_factors,
        "weights": np.array(tuning.weights),
        "tuning": np.array([tuning.regularization, tuning.n_persons, tuning.ndcg]),
        **_pack_sparse("pairs", recommender.covisitation.pairs),
        **_pack_sparse("history", recommender.covisitation.history),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack(content: bytes) -> Recommender:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        als, covisitation, popularity = (float(weight) for weight in arrays["weights"])
        regularization, n_persons, quality = (float(number) for number in arrays["tuning"])
        return Recommender(
            popular=Popular(arrays["popularity"]),
            in_department=PopularInDepartment(
                arrays["by_department"],
                arrays["main_department"],
                arrays["department"],
                arrays["category"],
            ),
            covisitation=CoVisitation(
                _unpack_sparse("pairs", arrays), _unpack_sparse("history", arrays)
            ),
            als=Als(arrays["person_factors"], arrays["item_factors"]),
            tuning=Tuning((als, covisitation, popularity), regularization, int(n_persons), quality),
        )


def _pack_sparse(name: str, matrix: Sparse) -> dict[str, Any]:
    return {
        f"{name}_data": matrix.data,
        f"{name}_indices": matrix.indices,
        f"{name}_indptr": matrix.indptr,
        f"{name}_shape": np.array(matrix.shape, np.int64),
    }


def _unpack_sparse(name: str, arrays: Any) -> Sparse:
    parts = (arrays[f"{name}_data"], arrays[f"{name}_indices"], arrays[f"{name}_indptr"])
    return csr_array(parts, shape=tuple(int(size) for size in arrays[f"{name}_shape"]))
