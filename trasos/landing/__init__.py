"""Landing: taking in what a shop drops, each file wholly or not at all, nothing lost in silence."""

from trasos.landing.lander import land
from trasos.landing.report import LandingReport

__all__ = ["LandingReport", "land"]
