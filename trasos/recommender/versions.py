"""Names of versions that follow from content: same data, code and parameters, same name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams

SHORT = 16
"""Hex digits kept of a SHA-256: 64 bits, no clash among any number of versions a shop makes."""


@dataclass(frozen=True)
class Version:
    """What a model was made of.

    Attributes:
        model_version: name of the model, from the three below.
        data_snapshot: name of the log and catalogue.
        code_version: name of the recommender's source.
        parameters: canonical JSON.
    """

    model_version: str
    data_snapshot: str
    code_version: str
    parameters: str


def version_of(log: InteractionLog, catalogue: Catalogue, params: RecommenderParams) -> Version:
    """Name the model that this log, catalogue, code and these parameters make."""
    data, code, parameters = data_snapshot(log, catalogue), code_version(), params.to_json()
    return Version(short_hash([data, code, parameters]), data, code, parameters)


def data_snapshot(log: InteractionLog, catalogue: Catalogue) -> str:
    """Hash the encoded log and catalogue; they are sorted, so the order of input rows is gone."""
    pieces: list[Any] = [
        *_ids(catalogue.product_ids),
        *_ids(catalogue.departments),
        catalogue.department,
        catalogue.category,
        catalogue.brand,
        catalogue.launched_at,
        catalogue.is_on_sale,
        catalogue.price,
        *_ids(log.person_ids),
        "\n".join(log.event_types),
        log.person,
        log.product,
        log.session,
        log.event_type,
        log.event_at,
        log.weight,
    ]
    return short_hash(pieces)


def code_version(package: Path | None = None) -> str:
    """Hash the sources of a package, Python and SQL, names and content, in the order of names.

    Args:
        package: its folder; the recommender's own where not given.
    """
    root = package or Path(__file__).parent
    pieces: list[Any] = []
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.sql")]):
        pieces += [path.relative_to(root).as_posix(), path.read_bytes()]
    return short_hash(pieces)


def _ids(strings: Any) -> Iterable[str]:
    """Strings behind their number and lengths, so that no two lists run into the same bytes."""
    values = strings.to_pylist()
    return [",".join(str(len(value)) for value in values), "".join(values)]


def short_hash(pieces: Iterable[Any]) -> str:
    """Name what these texts, bytes and arrays are together: 16 hex digits of their SHA-256.

    Args:
        pieces: in order; each counts with its length, an array with its type.
    """
    digest = hashlib.sha256()
    for piece in pieces:
        if isinstance(piece, np.ndarray):
            # Little-endian on every machine, so that the name travels.
            content = np.ascontiguousarray(piece).astype(piece.dtype.newbyteorder("<")).tobytes()
            content = str(piece.dtype.name).encode() + content
        else:
            content = piece.encode() if isinstance(piece, str) else piece
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()[:SHORT]
