"""The gate: whether a newly trained model may serve, why, and who serves now.

``trial.Trial.settle`` judges a version beside the champion, keeps the decision with its reasons
and moves the pointer. What people may do stands in ``people``; the command line calls it. The
bounds stand in ``bounds``, what they hold in ``criterion``.
"""

from __future__ import annotations

from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.people import Listed, listed, promote, retire, rollback
from trasos.recommender.gate.pointer import Move, Succession, succession

__all__ = [
    "GateBounds",
    "Listed",
    "Move",
    "Succession",
    "listed",
    "promote",
    "retire",
    "rollback",
    "succession",
]
