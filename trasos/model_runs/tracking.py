"""The same runs in MLflow, where ``MLFLOW_TRACKING_URI`` says where that is.

What Trasos keeps comes first and stays the truth: MLflow is told of what is on disk already, once a
run, so that a server that was away hears of it at the next call. It hears no person's values.
"""

from __future__ import annotations

import importlib
import json
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from trasos.errors import ConfigurationError, NotReadyError
from trasos.model_runs.experiment import Experiment, parameters_of
from trasos.model_runs.records import DONE, Kept
from trasos.model_runs.served_model import ARTEFACT, COLUMN
from trasos.recommender.artefacts import train_or_load

VARIABLE = "MLFLOW_TRACKING_URI"
TAG, MODEL_TAG = "trasos.run_id", "trasos.model_version"
PREFIX = "trasos/"
CODE = Path(__file__).with_name("served_model.py")


def tracker_from_env() -> Tracker | None:
    """What tells MLflow; None where ``MLFLOW_TRACKING_URI`` is not set.

    Raises:
        ConfigurationError: it is set, and MLflow is not installed.
    """
    uri = os.environ.get(VARIABLE)
    if not uri:
        return None
    try:
        mlflow = importlib.import_module("mlflow")
    except ImportError as error:
        raise ConfigurationError(
            f"{VARIABLE} is set to {uri}, but MLflow is not installed: `pip install "
            "'trasos[mlflow]'` adds it, or unset the variable; runs are kept without it too."
        ) from error
    return Tracker(mlflow, uri)


@dataclass(frozen=True)
class Tracker:
    """What tells MLflow.

    Attributes:
        mlflow: the module.
        uri: where its store or server is.
    """

    mlflow: Any
    uri: str

    def send(self, kept: Sequence[Kept]) -> int:
        """Tell of runs that MLflow has not heard of.

        Args:
            kept: runs of one experiment, as they are on disk.

        Returns:
            How many were new to it.

        Raises:
            NotReadyError: it does not take them.
        """
        if not kept:
            return 0
        with self._talking(kept[0]):
            new = [one for one in kept if self._known(one) is None]
            for one in new:
                self._send(one)
        return len(new)

    def send_model(self, experiment: Experiment, best: Kept, picture: bytes) -> str:
        """Train the best configuration on all data, and add the model to its run.

        Args:
            experiment: gives the data; the artefact is kept among its artefacts, not yet judged.
            best: a run that MLflow has heard of.
            picture: a PNG of the experiment.

        Returns:
            The model's URI, which ``mlflow models serve`` takes.

        Raises:
            NotReadyError: MLflow does not take it.
        """
        trained = train_or_load(
            experiment.log, experiment.catalogue, parameters_of(best.run), experiment.artefacts
        )
        version = trained.version.model_version
        with self._talking(best):
            run = self._known(best)
            assert run is not None  # it was sent before
            uri = f"runs:/{run.info.run_id}/model"
            with self.mlflow.start_run(run_id=run.info.run_id):
                self._picture(picture)
                if run.data.tags.get(MODEL_TAG) == version:
                    return str(run.data.tags.get("trasos.model_uri", uri))
                logged = self._log_model(trained.folder)
                uri = str(getattr(logged, "model_uri", uri))
                self.mlflow.set_tags({MODEL_TAG: version, "trasos.model_uri": uri})
        return uri

    def _log_model(self, folder: Path) -> Any:
        mlflow = self.mlflow
        columns = [mlflow.types.ColSpec("string", COLUMN)]
        with warnings.catch_warnings():
            # It asks for an example of the input, which would be a person, and for types of what
            # the signature below says already.
            warnings.filterwarnings("ignore", "(?s).*(An input example|Add type hints)")
            return mlflow.pyfunc.log_model(
                name="model",
                python_model=str(CODE),
                artifacts={ARTEFACT: str(folder)},
                signature=mlflow.models.ModelSignature(inputs=mlflow.types.Schema(columns)),
                # Named, or MLflow would load the model once more to find out what it imports.
                pip_requirements=[f"trasos=={metadata.version('trasos')}"],
            )

    def _send(self, one: Kept) -> None:
        run = one.run
        with self.mlflow.start_run(run_name=run.run_id):
            self.mlflow.log_params(json.loads(run.parameters))
            self.mlflow.log_metrics(_metrics(one))
            self.mlflow.set_tags(
                {
                    TAG: run.run_id,
                    "trasos.held_out": run.held_out,
                    "trasos.data_snapshot": run.data_snapshot,
                    "trasos.code_version": run.code_version,
                    "trasos.started_at": run.started_at,
                    "trasos.changed": json.dumps(run.changed, sort_keys=True),
                    **({"trasos.ground": run.ground} if run.ground else {}),
                    **({"trasos.error": run.error} if run.error else {}),
                }
            )
            self.mlflow.end_run("FINISHED" if run.status == DONE else "FAILED")

    def _known(self, one: Kept) -> Any | None:
        """MLflow's run of the same id that began at the same moment; None where there is none."""
        run = one.run
        found = self.mlflow.search_runs(
            experiment_names=[PREFIX + run.experiment],
            filter_string=f"tags.`{TAG}` = '{run.run_id}' and "
            f"tags.`trasos.started_at` = '{run.started_at}'",
            output_format="list",
        )
        return found[0] if found else None

    def _picture(self, content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "runs.png"
            path.write_bytes(content)
            self.mlflow.log_artifact(str(path))

    @contextmanager
    def _talking(self, one: Kept) -> Iterator[None]:
        """Talk of an experiment; say in one sentence what MLflow says in pages."""
        try:
            self.mlflow.set_tracking_uri(self.uri)
            self.mlflow.set_experiment(PREFIX + one.run.experiment)
            yield
        except self.mlflow.exceptions.MlflowException as error:
            said = str(error).strip().partition("\n")[0]
            raise NotReadyError(
                f"MLflow at {self.uri} did not take it: {said} The runs are kept here all the "
                "same; the same call again, when it answers, tells it what it has not heard."
            ) from error


def _metrics(one: Kept) -> dict[str, float]:
    """Figures by model, slice and metric, with the ends of their intervals, and the cost."""
    run, found = one.run, {}
    for row in one.metrics.to_pylist():
        # A name in MLflow may hold no @.
        name = f"{row['slice']}/{row['model']}/{row['metric']}_{row['k']}"
        found[name] = row["value"]
        if row["ci_low"] is not None:
            found[f"{name}.low"], found[f"{name}.high"] = row["ci_low"], row["ci_high"]
    costs = {"cpu_seconds": run.cpu_seconds, "peak_memory_bytes": run.peak_memory_bytes}
    return {**found, **{name: float(cost) for name, cost in costs.items() if cost is not None}}
