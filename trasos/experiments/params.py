"""How experiments are read; the values come from vars.yml."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from trasos.errors import ConfigurationError


@dataclass(frozen=True)
class ReadoutParams:
    """Tunables of every read-out.

    Attributes:
        alpha: share of intervals that may miss the truth, 0..1.
        power: probability with which a detectable difference is found, 0..1.
        min_persons: counted persons that each group needs before anything is read.
        sample_ratio_alpha: p below which groups count as lopsided, 0..1.
        max_left_out_share: share of the exposed that may be left out for one reason, 0..1.
        aa_runs: A/A splits of the control that are drawn to try the read-out itself.

    Raises:
        ConfigurationError: a value out of its range.
    """

    alpha: float = 0.05
    power: float = 0.8
    min_persons: int = 50
    sample_ratio_alpha: float = 0.0005
    max_left_out_share: float = 0.1
    aa_runs: int = 400

    def __post_init__(self) -> None:
        """Hold every value to its range."""
        for name in ("alpha", "power", "sample_ratio_alpha", "max_left_out_share"):
            self._hold(name, 0 < getattr(self, name) < 1, "a share between 0 and 1")
        self._hold("min_persons", self.min_persons >= 2, "a whole number from 2")
        self._hold("aa_runs", self.aa_runs >= 0, "a whole number from 0")

    def _hold(self, name: str, fits: bool, wanted: str) -> None:
        if not fits:
            raise ConfigurationError(
                f"The read-out's {name} is {getattr(self, name)!r}: {wanted} is wanted (vars.yml, "
                f"experiment_{name})."
            )

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Read parameters as dbt vars hand them over: numbers, or numbers in strings.

        Raises:
            ConfigurationError: an unknown name, or a value that is no such number.
        """
        kinds: dict[str, Any] = {each.name: type(each.default) for each in fields(cls)}
        unknown = sorted(set(values) - set(kinds))
        if unknown:
            raise ConfigurationError(
                f"Unknown parameters of read-outs: {', '.join(unknown)}; known are "
                f"{', '.join(kinds)}."
            )
        read: dict[str, Any] = {}
        for name, value in values.items():
            try:
                number = float(value)
                if kinds[name] is int and number != math.floor(number):
                    raise ValueError
            except (TypeError, ValueError) as error:
                raise ConfigurationError(
                    f"The read-out's {name} is {value!r}: a number like "
                    f"{getattr(cls, name)} is wanted (vars.yml, experiment_{name})."
                ) from error
            read[name] = kinds[name](number)
        return cls(**read)
