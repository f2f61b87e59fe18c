"""The recommender: from a table of interactions to models, their evaluation, and answers.

Pure functions over arrays and Arrow tables. The five functions here are what dbt's Python models
call; each reads its tables, trains the version they make or loads it, and answers with a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trasos.recommender import facade

__all__ = ["evaluation", "popular_items", "recommendations", "similar_items", "train"]


def train(interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path) -> Any:
    """Train the model of this data, code and these parameters, or find it trained already.

    Args:
        interactions: ``pyarrow.Table`` as ``data.InteractionLog.from_arrow`` reads it.
        products: ``pyarrow.Table`` as ``data.Catalogue.from_arrow`` reads it.
        params: as ``params.RecommenderParams.from_mapping`` reads them.
        artefacts: folder of all artefacts.

    Returns:
        ``pyarrow.Table`` of one row: ``facade.MODEL_VERSIONS``.

    Raises:
        InputError: a table, or the artefact on disk, is not what it should be.
        ConfigurationError: a parameter does not fit.
    """
    return facade.Snapshot.open(interactions, products, params, artefacts).model_version()


def evaluation(interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path) -> Any:
    """Judge the models on the last days of the log; arguments and errors as in ``train``.

    Returns:
        ``pyarrow.Table``: the rows of ``evaluate.ROWS`` and model_version. Kept beside the
        artefacts, so that asking again is quick and the answer the same.
    """
    return facade.Snapshot.open(interactions, products, params, artefacts).evaluation()


def recommendations(
    interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path, persons: Any
) -> Any:
    """A list of products for each of some persons; other arguments and errors as in ``train``.

    Args:
        interactions: as in ``train``.
        products: as in ``train``.
        params: as in ``train``.
        artefacts: as in ``train``.
        persons: ``pyarrow.Table`` with column person_id: who is to be answered. Those without
            interactions get what is popular.

    Returns:
        ``pyarrow.Table``: ``answers.RECOMMENDATIONS``.
    """
    return facade.Snapshot.open(interactions, products, params, artefacts).recommendations(persons)


def similar_items(
    interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path
) -> Any:
    """A list of similar products for every product; arguments and errors as in ``train``.

    Returns:
        ``pyarrow.Table``: ``answers.SIMILAR_ITEMS``.
    """
    return facade.Snapshot.open(interactions, products, params, artefacts).similar_items()


def popular_items(
    interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path
) -> Any:
    """Lists for people of whom nothing is known; arguments and errors as in ``train``.

    Returns:
        ``pyarrow.Table``: ``answers.POPULAR_ITEMS``, one list a department and, with department
        null, one for everyone.
    """
    return facade.Snapshot.open(interactions, products, params, artefacts).popular_items()
