"""The sources of candidates: every one a ``Model``, asked for its best products of each person."""

from __future__ import annotations

from trasos.recommender.candidates.arrivals import Arrivals
from trasos.recommender.candidates.by_sql import Favourites, Reminders, Trending
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.models.alike import PeopleAlike
from trasos.recommender.models.model import Model
from trasos.recommender.params import RecommenderParams
from trasos.recommender.parts import Recommender
from trasos.recommender.sql import Events


def sources(
    recommender: Recommender,
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    events: Events,
) -> tuple[Model, ...]:
    """Sources of what is new to a person, in the order in which they claim what several bring.

    What was learnt comes with the recommender; what is counted is counted here, as of the end of
    the log, in training and in serving by the same lines. A further source is a line more; a
    ranker learns of it at the next training.

    Args:
        recommender: fitted on the log, or carried over to it.
        log: interactions up to the moment that is asked about.
        catalogue: products.
        params: tunables.
        events: the same log and catalogue, as SQL reads them.
    """
    as_of, segments = log.last_at + 1, recommender.in_department
    return (
        recommender.als,
        recommender.covisitation,
        recommender.rp3beta,
        PeopleAlike.fit(recommender.als, log, params),
        Favourites.at(
            events, as_of, params, recommender.popular.popularity, catalogue.category, log.n_persons
        ),
        Trending.at(events, as_of, params, catalogue.department, segments.main_department),
        segments,
        Arrivals.fit(log, catalogue, params),
    )


def repeats(log: InteractionLog, params: RecommenderParams, events: Events) -> tuple[Model, ...]:
    """Sources of what a person met before, for slots that show it again; as ``sources``."""
    return (Reminders.at(events, log.last_at + 1, params, log.n_persons, log.n_products),)
