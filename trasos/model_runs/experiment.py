"""An experiment: configurations tried one after the other, each kept, the best looked at once.

Optuna chooses what to try next by the tree-structured Parzen estimator (Bergstra et al. 2011) with
a seed, and what it chose before is found on disk: the same call again computes nothing twice, and
goes on where a killed one stopped.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from trasos.errors import ConfigurationError, NotReadyError
from trasos.model_runs.judging import Judged
from trasos.model_runs.objective import JUDGING, TEST, VALIDATION, Objective
from trasos.model_runs.reading import changes
from trasos.model_runs.records import (
    DONE,
    FAILED,
    Kept,
    Run,
    check_name,
    experimenting,
    find,
    keep,
    kept_runs,
    next_number,
)
from trasos.model_runs.space import Configuration, Space, configured
from trasos.model_runs.worker import Task, attempt
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.tunables import Tunables, tunable
from trasos.recommender.versions import code_version, data_snapshot

Tell = Callable[[Kept, bool], None]
"""Told of each run, and whether it was found on disk."""

STOPPED = "Somebody ended the experiment."


@dataclass(frozen=True)
class SearchParams(Tunables):
    """How the space is searched.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Search parameter"

    trials: int = tunable(
        20, "configurations", "beside the base; about ten a dimension find what there is", 1, 10_000
    )
    seed: int = tunable(7, "-", "of the sampler: the same call tries the same", 0)
    startup_trials: int = tunable(
        8, "configurations", "drawn at random before the estimator has anything to go by", 1
    )


@dataclass(frozen=True)
class Experiment:
    """Data, a base and a name, under which runs are kept.

    Attributes:
        name: of the experiment.
        log: all interactions.
        catalogue: products.
        base: what every configuration changes something of; it is tried first.
        artefacts: folder of all artefacts.
        objective: what is maximised.
        tell: told of each run as it is there.
        snapshot: name of the data.
        code: name of the recommender's source.
    """

    name: str
    log: InteractionLog
    catalogue: Catalogue
    base: RecommenderParams
    artefacts: Path
    objective: Objective = field(default_factory=Objective)
    tell: Tell = lambda kept, found: None
    snapshot: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        """Check the name, and name the data and the code once.

        Raises:
            ConfigurationError: the name makes no folder.
        """
        check_name(self.name)
        object.__setattr__(self, "snapshot", data_snapshot(self.log, self.catalogue))
        object.__setattr__(self, "code", code_version())

    def run(self, space: Space, search: SearchParams) -> list[Kept]:
        """Try the base, then what the space allows, on the validation days.

        Args:
            space: with no dimension, its fixed values are one configuration.
            search: how many, and by which seed.

        Returns:
            The runs of this call, in order, each once; failed ones among them.

        Raises:
            NotReadyError: another experiment is running here.
            ConfigurationError: a configuration does not fit together.
        """
        with experimenting(self.artefacts):
            kept = [self._settled(self.base, VALIDATION)]
            if space.dimensions:
                kept += self._searched(space, search)
            elif space.fixed:
                kept.append(self._settled(configured(self.base, dict(space.fixed)), VALIDATION))
        return list({each.run.run_id: each for each in kept}.values())

    def best(self) -> Kept:
        """The best of all runs of this experiment on the validation days of this data.

        Raises:
            NotReadyError: none of them was done.
        """
        best: tuple[float, Kept] | None = None
        for kept in self._known(VALIDATION):
            figure = kept.figure(self.objective)
            if figure is not None and (best is None or figure["value"] > best[0]):
                best = figure["value"], kept
        if best is None:
            raise NotReadyError(
                f"No run of {self.name} was done on this data; `trasos experiment list "
                f"{self.name}` says why they failed."
            )
        return best[1]

    def test(self, best: Kept) -> list[Kept]:
        """Look at the test days with the base and the best; once for an experiment and its data.

        Args:
            best: a run on the validation days.

        Returns:
            The base's run on the test, and the best's, which may be the same.

        Raises:
            ConfigurationError: this experiment has looked at this test with another configuration.
            NotReadyError: another experiment is running here.
        """
        params = parameters_of(best.run)
        looked = [
            kept
            for kept in kept_runs(self.artefacts, self.name)
            if (kept.run.held_out, kept.run.data_snapshot) == (TEST, self.snapshot)
            and kept.run.changed
            and kept.run.parameters != params.to_json()
        ]
        if looked and best.run.changed:
            raise ConfigurationError(
                f"{self.name} has looked at the test days of this data with {looked[0].run.run_id}"
                f", and {best.run.run_id} is another configuration. A test that is looked at until "
                "it pleases is no test any more: wait for new days, or let the gate judge it."
            )
        with experimenting(self.artefacts):
            kept = [self._settled(self.base, TEST), self._settled(params, TEST)]
        return list({each.run.run_id: each for each in kept}.values())

    def looks(self) -> int:
        """How many configurations, of any experiment, were judged on the test of this data."""
        return len(
            {
                kept.run.parameters
                for kept in kept_runs(self.artefacts)
                if (kept.run.held_out, kept.run.data_snapshot) == (TEST, self.snapshot)
            }
        )

    def _searched(self, space: Space, search: SearchParams) -> list[Kept]:
        # Imported here: it takes a second, and listing runs wants none of it.
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.TPESampler(
            seed=search.seed, n_startup_trials=search.startup_trials
        )
        study = optuna.create_study(direction="maximize", sampler=sampler)
        kept = []
        for _ in range(search.trials):
            trial = study.ask()
            configuration: Configuration = space.suggest(trial)
            one = self._settled(configured(self.base, configuration), VALIDATION)
            figure = one.figure(self.objective)
            if figure is None:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                study.tell(trial, figure["value"])
            kept.append(one)
        return kept

    def _settled(self, params: RecommenderParams, held_out: str) -> Kept:
        """The run of a configuration, from disk where it was done there."""
        for kept in self._known(held_out):
            if kept.run.parameters == params.to_json() and kept.figure(self.objective):
                self.tell(kept, True)
                return kept
        kept = self._tried(params, held_out)
        self.tell(kept, False)
        return kept

    def _known(self, held_out: str) -> list[Kept]:
        """Done runs of this experiment on these days of this data with this code, judged alike."""
        return [
            kept
            for kept in kept_runs(self.artefacts, self.name)
            if (kept.run.held_out, kept.run.status, kept.run.data_snapshot, kept.run.code_version)
            == (held_out, DONE, self.snapshot, self.code)
            and judged_by(kept.run.parameters) == judged_by(self.base.to_json())
        ]

    def _tried(self, params: RecommenderParams, held_out: str) -> Kept:
        started_at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        task = Task(self.log, self.catalogue, params, held_out, self.objective)
        run = Run(
            experiment=self.name,
            number=next_number(self.artefacts, self.name),
            held_out=held_out,
            status=FAILED,
            error=STOPPED,
            parameters=params.to_json(),
            changed=changes(params, self.base),
            data_snapshot=self.snapshot,
            code_version=self.code,
            objective=self.objective,
            started_at=started_at,
            cpu_seconds=None,
            peak_memory_bytes=None,
        )
        try:
            done = attempt(task)
        except KeyboardInterrupt:
            keep(self.artefacts, run, None, None)
            raise
        run = replace(
            run,
            error=done.error,
            cpu_seconds=done.cpu_seconds,
            peak_memory_bytes=done.peak_memory_bytes,
        )
        if done.judged is None:
            keep(self.artefacts, run, None, None)
        else:
            keep(self.artefacts, _done(run, done.judged), done.judged.metrics, done.judged.values)
        return find(self.artefacts, run.run_id)


def parameters_of(run: Run) -> RecommenderParams:
    """The configuration of a run."""
    return RecommenderParams.from_mapping(json.loads(run.parameters))


def judged_by(parameters: str) -> list[Any]:
    """Those of some parameters (canonical JSON) that say how models are judged."""
    values = json.loads(parameters)
    return [values[name] for name in JUDGING]


def _done(run: Run, judged: Judged) -> Run:
    return replace(
        run,
        status=DONE,
        ground=judged.ground,
        split_at=judged.split_at,
        judged_through=judged.judged_through,
        n_persons=judged.n_persons,
        tuning=judged.tuning,
    )
