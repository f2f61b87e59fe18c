"""What merchandisers decide: pins, bans and boosts, applied once the models have ranked."""

from trasos.recommender.rules.overrides import NONE, Overrides
from trasos.recommender.rules.reading import read_rules
from trasos.recommender.rules.rule import PINNED, Rule, Scope
from trasos.recommender.rules.tally import OUTCOMES, Tally

__all__ = ["NONE", "OUTCOMES", "PINNED", "Overrides", "Rule", "Scope", "Tally", "read_rules"]
