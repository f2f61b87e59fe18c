"""The code of the model that MLflow keeps and serves: persons in, their lists out.

MLflow runs this file (its models from code), so it imports MLflow, which nothing else here does.
The artefact is the one that Trasos trained, copied with its checksums. It holds no person: who they
are and what they did is read from the published copy of ``TRASOS_HOME`` when the model is loaded.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from trasos import recommender
from trasos.errors import InputError
from trasos.model_runs.reading import published_tables
from trasos.recommender.folders import read_folder
from trasos.settings import Settings

COLUMN, ARTEFACT = "person_id", "artefact"


class Lists:
    """The lists of one version over the newest publication.

    Args:
        folder: the artefact; its name is the version's.

    Raises:
        NotReadyError: nothing is published in ``TRASOS_HOME``.
        InputError: the artefact is damaged.
    """

    def __init__(self, folder: Path) -> None:
        _, manifest = read_folder(folder)
        self._artefacts, self._params = folder.parent, manifest["parameters"]
        self._version = pa.table({"model_version": [folder.name]})
        self._interactions, self._products = published_tables(Settings.from_env().published)

    def of(self, person_ids: list[str]) -> list[dict[str, Any]]:
        """One list a person, in the order asked; who is unknown gets what is popular.

        Args:
            person_ids: as in the column person_id of ``dim_persons``.

        Returns:
            For each person_id, product_ids, scores and sources, best first, and model_version.
        """
        if not person_ids:
            return []
        table = recommender.recommendations(
            self._interactions,
            self._products,
            self._params,
            self._artefacts,
            pa.table({COLUMN: pa.array(person_ids, pa.string())}),
            self._version,
        )
        lists: dict[str, dict[str, Any]] = {}
        for row in table.to_pylist():
            own = lists.setdefault(
                row[COLUMN],
                {
                    COLUMN: row[COLUMN],
                    "product_ids": [],
                    "scores": [],
                    "sources": [],
                    "model_version": row["model_version"],
                },
            )
            own["product_ids"].append(row["product_id"])
            own["scores"].append(row["score"])
            own["sources"].append(row["source"])
        return [lists[person] for person in person_ids if person in lists]


def asked(model_input: Any) -> list[str]:
    """The person ids of what MLflow hands over: a table with the column person_id.

    Raises:
        InputError: there is no such column.
    """
    if COLUMN not in getattr(model_input, "columns", ()):
        raise InputError(
            f"The model wants a column {COLUMN}, as in "
            f'{{"dataframe_split": {{"columns": ["{COLUMN}"], "data": [["customer:c000001"]]}}}}.'
        )
    return [str(value) for value in model_input[COLUMN]]


def build(mlflow: Any) -> Any:
    """The model as MLflow wants it: of its own class, loading when MLflow says so.

    Args:
        mlflow: the module.
    """

    class Recommender(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        def load_context(self, context: Any) -> None:
            self.lists = Lists(Path(context.artifacts[ARTEFACT]))

        # Without types: MLflow takes those of a model's input for its signature.
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            return self.lists.of(asked(model_input))

    return Recommender()


if __name__ != "trasos.model_runs.served_model":  # MLflow runs the file, under a name of its own
    _mlflow = importlib.import_module("mlflow")
    _mlflow.models.set_model(build(_mlflow))
