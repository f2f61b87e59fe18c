"""Who sees which variation: a salted hash, so that every server answers alike without a list.

The bytes, for whoever assigns elsewhere (``clients/``, a JVM, a browser): take the UTF-8 bytes of
``salt``, of a colon, and of the unit's id; SHA-256 of them; the first eight bytes as an unsigned
number, the most significant byte first; its rest by 10,000 is the **bucket**. Two buckets decide:
that of the salt followed by ``.traffic`` says whether the unit takes part, that of the salt itself
which variation it sees. So more traffic adds units and moves none. Golden answers:
``tests/experiments/assignment_vectors.json``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trasos.errors import ConfigurationError

BUCKETS = 10_000
TRAFFIC = ".traffic"


def bucket(salt: str, unit_id: str) -> int:
    """The bucket of a unit, 0 to 9,999.

    Args:
        salt: of the experiment; another one draws anew.
        unit_id: of the person or device.
    """
    digest = hashlib.sha256(f"{salt}:{unit_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def buckets(salt: str, unit_ids: Iterable[str]) -> npt.NDArray[np.int64]:
    """The buckets of many units, shape (units,), dtype int64."""
    return np.fromiter((bucket(salt, unit) for unit in unit_ids), np.int64)


@dataclass(frozen=True)
class Allocation:
    """How the units of an experiment are shared out.

    Attributes:
        salt: of the hash; the experiment's id, unless a rerun wants new groups.
        weights: variation and its weight, in this order; weights are whole numbers and add up to
            10,000, so that no rounding differs between languages.
        traffic: how many of 10,000 units take part.

    Raises:
        ConfigurationError: fewer than one variation, one twice, weights that do not add up, a
            traffic outside 0 to 10,000.
    """

    salt: str
    weights: tuple[tuple[str, int], ...]
    traffic: int = BUCKETS

    def __post_init__(self) -> None:
        """Refuse what could leave a unit without an answer."""
        names = [name for name, _ in self.weights]
        if len(set(names)) != len(names) or not names or not all(names):
            raise ConfigurationError(
                f"The experiment with salt {self.salt!r} has the variations {names}: "
                "give each a name of its own."
            )
        total = sum(weight for _, weight in self.weights)
        if total != BUCKETS or min(weight for _, weight in self.weights) < 0:
            raise ConfigurationError(
                f"The weights of the experiment with salt {self.salt!r} add up to {total}: "
                f"whole numbers from 0 that add up to {BUCKETS} are wanted."
            )
        if not 0 <= self.traffic <= BUCKETS:
            raise ConfigurationError(
                f"The traffic of the experiment with salt {self.salt!r} is {self.traffic}: "
                f"0 to {BUCKETS} of {BUCKETS} units are wanted."
            )

    def takes_part(self, unit_id: str) -> bool:
        """Whether the unit is in the experiment at all."""
        return bucket(self.salt + TRAFFIC, unit_id) < self.traffic

    def variation(self, unit_id: str) -> str | None:
        """What the unit sees; None where it takes no part, and sees what everybody sees."""
        return self._of(bucket(self.salt, unit_id)) if self.takes_part(unit_id) else None

    def _of(self, place: int) -> str:
        upto = 0
        for name, weight in self.weights:
            upto += weight
            if place < upto:
                return name
        raise AssertionError(f"bucket {place} lies beyond weights that add up to {BUCKETS}")
