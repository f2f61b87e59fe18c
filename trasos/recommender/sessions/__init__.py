"""The slot ``session``: the last clicks of a visitor of whom nothing else is known -> products.

``Clicks`` hold sessions as arrays, ``SessionKnn`` learns from them, ``SessionSlot`` answers with
lists, and ``next_item`` judges: reveal a held-out session click by click, ask for the next.
"""

from trasos.recommender.sessions.clicks import Clicks, Running
from trasos.recommender.sessions.knn import SessionKnn
from trasos.recommender.sessions.params import SessionParams
from trasos.recommender.sessions.slot import SessionSlot

__all__ = ["Clicks", "Running", "SessionKnn", "SessionParams", "SessionSlot"]
