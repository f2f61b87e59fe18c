"""The recommender: from a table of interactions to models, their evaluation, and answers.

Pure functions over arrays and Arrow tables. The functions here are what dbt's Python models
call: train a version, evaluate it, judge it beside the champion, and answer from the champion.
Each answers with a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trasos.errors import ConfigurationError
from trasos.recommender import facade, session_tables
from trasos.recommender.exploration import ExplorationParams
from trasos.recommender.renewal import earlier

__all__ = [
    "candidate_recall",
    "champion",
    "earlier",
    "evaluation",
    "judgement",
    "popular_items",
    "recommendations",
    "rule_outcomes",
    "session_evaluation",
    "session_items",
    "session_model",
    "similar_items",
    "train",
]


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


def candidate_recall(
    interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path
) -> Any:
    """What the sources of candidates find on the last days; arguments and errors as in ``train``.

    Returns:
        ``pyarrow.Table``: the rows of ``candidates.recall.ROWS`` and model_version, kept with the
        evaluation.
    """
    return facade.Snapshot.open(interactions, products, params, artefacts).candidate_recall()


def judgement(
    interactions: Any,
    products: Any,
    params: Mapping[str, Any],
    artefacts: Path,
    persons: Any,
    bounds: Mapping[str, Any],
) -> Any:
    """Judge the version of this data beside the champion, once, and move the champion or not.

    Args:
        interactions: as in ``train``.
        products: as in ``train``.
        params: as in ``train``.
        artefacts: as in ``train``.
        persons: as in ``recommendations``: whose lists are looked at.
        bounds: as ``gate.GateBounds.from_mapping`` reads them.

    Returns:
        ``pyarrow.Table``: ``gate.decision.ROWS``, every decision on this version.

    Raises:
        InputError: as ``train``; also a decision or the champion's file is damaged.
        ConfigurationError: a parameter or a bound does not fit.
        NotReadyError: somebody else is choosing, or the champion's artefact is gone.
    """
    return facade.Snapshot.open(interactions, products, params, artefacts).judgement(
        persons, bounds
    )


def champion(artefacts: Path) -> Any:
    """Who serves.

    Args:
        artefacts: as in ``train``.

    Returns:
        ``pyarrow.Table`` of one row: ``facade.CHAMPION``.

    Raises:
        NotReadyError: nobody does.
        InputError: the champion's file is damaged.
    """
    return facade.champion(artefacts)


def recommendations(
    interactions: Any,
    products: Any,
    params: Mapping[str, Any],
    artefacts: Path,
    persons: Any,
    champion: Any,
    rules: Any = None,
    exploration: Mapping[str, Any] | None = None,
    standing: Any = None,
    max_age_days: int | str = 0,
) -> Any:
    """The champion's list for each of some persons; other arguments and errors as in ``train``.

    Args:
        interactions: as in ``train``.
        products: as in ``train``.
        params: as in ``train``; of the champion's own nothing is changed.
        artefacts: as in ``train``.
        persons: ``pyarrow.Table`` with column person_id: who is to be answered. Those without
            interactions get what is popular.
        champion: ``pyarrow.Table`` of one row with column model_version.
        rules: ``pyarrow.Table`` as ``rules.read_rules`` reads it: merchandisers' rules in force;
            none where not given.
        exploration: as ``exploration.ExplorationParams.from_mapping`` reads it: how often new
            products are shown; never where not given.
        standing: ``pyarrow.Table`` of an earlier answer: lists that need not be made anew stand.
        max_age_days: whole days, or their text, that a list may stand while others' clicks move
            what is popular; at 0 it stands only where nothing at all has changed.

    Returns:
        ``pyarrow.Table``: ``renewal.LISTS``.
    """
    age = str(max_age_days)
    if not (age.isascii() and age.isdigit()):
        raise ConfigurationError(f"list_max_age_days is {age}: whole days, 0 or more, are wanted.")
    exploring = ExplorationParams.from_mapping(exploration or {})
    snapshot = facade.Snapshot.open(interactions, products, params, artefacts, rules)
    return snapshot.recommendations(persons, champion, exploring, standing, int(age))


def similar_items(
    interactions: Any,
    products: Any,
    params: Mapping[str, Any],
    artefacts: Path,
    champion: Any,
    rules: Any = None,
) -> Any:
    """The champion's similar products for every product; as ``recommendations``.

    Returns:
        ``pyarrow.Table``: ``answers.SIMILAR_ITEMS``.
    """
    snapshot = facade.Snapshot.open(interactions, products, params, artefacts, rules)
    return snapshot.similar_items(champion)


def popular_items(
    interactions: Any,
    products: Any,
    params: Mapping[str, Any],
    artefacts: Path,
    champion: Any,
    rules: Any = None,
) -> Any:
    """The champion's lists for people of whom nothing is known; as ``recommendations``.

    Returns:
        ``pyarrow.Table``: ``answers.POPULAR_ITEMS``, one list a department and, with department
        null, one for everyone.
    """
    snapshot = facade.Snapshot.open(interactions, products, params, artefacts, rules)
    return snapshot.popular_items(champion)


def session_model(
    interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path
) -> Any:
    """Train the slot for anonymous sessions, or find it trained already; as ``train``.

    Returns:
        ``pyarrow.Table`` of one row: ``session_tables.SESSION_MODELS``.
    """
    snapshot = facade.Snapshot.open(interactions, products, params, artefacts)
    return session_tables.session_model(snapshot)


def session_evaluation(
    interactions: Any, products: Any, params: Mapping[str, Any], artefacts: Path
) -> Any:
    """How that slot finds the next product in sessions of the last days; as ``train``.

    Returns:
        ``pyarrow.Table``: the rows of ``sessions.evaluate.ROWS`` and model_version; none where the
        log is too short.
    """
    snapshot = facade.Snapshot.open(interactions, products, params, artefacts)
    return session_tables.session_evaluation(snapshot)


def session_items(
    interactions: Any,
    products: Any,
    params: Mapping[str, Any],
    artefacts: Path,
    rules: Any = None,
) -> Any:
    """What that slot shows to a visitor of whom one click is known; as ``recommendations``.

    Returns:
        ``pyarrow.Table``: ``answers.SESSION_ITEMS``, one list a product.
    """
    snapshot = facade.Snapshot.open(interactions, products, params, artefacts, rules)
    return session_tables.session_items(snapshot)


def rule_outcomes(
    interactions: Any,
    products: Any,
    params: Mapping[str, Any],
    artefacts: Path,
    persons: Any,
    champion: Any,
    rules: Any,
) -> Any:
    """What became of merchandisers' rules in all of these lists; as ``recommendations``.

    Returns:
        ``pyarrow.Table``: ``rules.tally.ROWS``; no row, and no work, where there is no rule.
    """
    snapshot = facade.Snapshot.open(interactions, products, params, artefacts, rules)
    return snapshot.rule_outcomes(persons, champion)
