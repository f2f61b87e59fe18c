"""The search space: which parameters are tried, between which values."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from trasos.errors import ConfigurationError
from trasos.model_runs.objective import JUDGING
from trasos.recommender.params import RecommenderParams

if TYPE_CHECKING:
    from optuna.trial import Trial

Configuration = dict[str, Any]
"""Parameter name to value; names that are left out keep the value of the base."""

KEYS = {"low", "high", "step", "log"}


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, both among them.

    Attributes:
        low: lower end.
        high: upper end.
        step: distance of neighbours; None for any number, or every whole one.
        log: whether ratios count, not differences.
        is_whole: whether only whole numbers fit.
    """

    low: float
    high: float
    step: float | None
    log: bool
    is_whole: bool

    def suggest(self, trial: Trial, name: str) -> Any:
        """Let Optuna choose."""
        if self.is_whole:
            step = 1 if self.step is None else int(self.step)
            return trial.suggest_int(name, int(self.low), int(self.high), step=step, log=self.log)
        return trial.suggest_float(name, self.low, self.high, step=self.step, log=self.log)


@dataclass(frozen=True)
class Choice:
    """Some values.

    Attributes:
        values: as they are written.
    """

    values: tuple[Any, ...]

    def suggest(self, trial: Trial, name: str) -> Any:
        """Let Optuna choose."""
        return trial.suggest_categorical(name, list(self.values))


@dataclass(frozen=True)
class Space:
    """What is tried.

    Attributes:
        dimensions: parameter name to the values it may take.
        fixed: parameter name to the one value it has in every trial.
    """

    dimensions: Mapping[str, Range | Choice]
    fixed: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path | None, settings: Sequence[str] = ()) -> Space:
        """Read a file of parameters, and what is set beside it.

        Args:
            path: YAML or TOML: parameter name to one value (fixed), to a list of values, or to a
                range ``{low: , high: , step: , log: }``, the last two of which may be left out.
                None for no file.
            settings: ``name=value``, fixed; they win over the file.

        Raises:
            ConfigurationError: the file cannot be read, or a parameter or value does not fit.
        """
        entries = {} if path is None else _content(path)
        where = "--set" if path is None else str(path)
        dimensions: dict[str, Range | Choice] = {}
        fixed: Configuration = {}
        for name, entry in entries.items():
            _check_name(where, name)
            if isinstance(entry, Mapping):
                dimensions[name] = _range(where, name, entry)
            elif isinstance(entry, list):
                dimensions[name] = _choice(where, name, entry)
            else:
                fixed[name] = _checked(where, name, entry)
        for setting in settings:
            name, equals, value = setting.partition("=")
            if not equals:
                raise ConfigurationError(f"--set {setting!r}: name=value is wanted.")
            name = name.strip()
            _check_name("--set", name)
            dimensions.pop(name, None)
            fixed[name] = _checked("--set", name, value.strip())
        return cls(dimensions, fixed)

    def suggest(self, trial: Trial) -> Configuration:
        """One configuration, in the order of names, so that the file's own order is no matter."""
        chosen = {
            name: self.dimensions[name].suggest(trial, name) for name in sorted(self.dimensions)
        }
        return {**self.fixed, **chosen}


def configured(base: RecommenderParams, configuration: Configuration) -> RecommenderParams:
    """The base with some values changed."""
    known = {each.name: getattr(base, each.name) for each in fields(base)}
    return RecommenderParams.from_mapping({**known, **configuration})


def _content(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path} cannot be read as a search space: {error}") from error
    if not isinstance(content, Mapping) or not content:
        raise ConfigurationError(
            f"{path} names no parameter. An example of a line: als_factors: [32, 64, 128]."
        )
    return {str(name): entry for name, entry in content.items()}


def _check_name(where: str, name: str) -> None:
    known = {each.name for each in fields(RecommenderParams)} - set(JUDGING)
    if name in JUDGING:
        raise ConfigurationError(
            f"{where}: {name} says how models are judged, and an experiment judges all of them "
            "alike. Change it in the project, build, and begin another experiment."
        )
    if name not in known:
        raise ConfigurationError(
            f"{where}: there is no parameter {name}; known are: {', '.join(sorted(known))}."
        )


def _range(where: str, name: str, entry: Mapping[str, Any]) -> Range:
    default = _default(name)
    if isinstance(default, bool) or not isinstance(default, int | float):
        raise ConfigurationError(f"{where}: {name} is no number: give a list of values.")
    if not {"low", "high"} <= set(entry) <= KEYS:
        raise ConfigurationError(
            f"{where}: {name} has {', '.join(sorted(map(str, entry)))}; a range is low and high, "
            "and step or log where wanted."
        )
    low, high = (_checked(where, name, entry[end]) for end in ("low", "high"))
    step, log = entry.get("step"), entry.get("log", False)
    if not low < high:
        raise ConfigurationError(f"{where}: {name} runs from {low} to {high}: low must be less.")
    if not isinstance(log, bool):
        raise ConfigurationError(f"{where}: {name} has log {log!r}: true or false is wanted.")
    if step is not None:
        is_number = isinstance(step, int | float) and not isinstance(step, bool)
        is_whole = is_number and float(step).is_integer()
        if not is_number or not 0 < step < math.inf or (isinstance(default, int) and not is_whole):
            raise ConfigurationError(f"{where}: {name} has step {step!r}: no distance of values.")
        if log:
            raise ConfigurationError(f"{where}: {name} has both step and log: one of them fits.")
    if log and low <= 0:
        raise ConfigurationError(f"{where}: {name} begins at {low}: with log it must be above 0.")
    return Range(low, high, step, log, isinstance(default, int))


def _choice(where: str, name: str, entry: list[Any]) -> Choice:
    if not entry:
        raise ConfigurationError(f"{where}: {name} has an empty list: give it values to try.")
    values = tuple(_checked(where, name, value) for value in entry)
    return Choice(tuple(dict.fromkeys(values)))


def _checked(where: str, name: str, value: Any) -> Any:
    """The value as a parameter holds it; an event type list as one text with commas."""
    try:
        kept = getattr(RecommenderParams.from_mapping({name: value}), name)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from error
    return ",".join(kept) if isinstance(kept, tuple) else kept


def _default(name: str) -> Any:
    (found,) = (each.default for each in fields(RecommenderParams) if each.name == name)
    assert found is not MISSING  # every tunable has a default
    return found
