"""What brings customers: attribution of orders to channels, and spend in one form.

Pure functions over paths and tables; `facade` is what the dbt Python models call.
"""

from trasos.marketing.channel_test import ChannelTest, channel_test
from trasos.marketing.facade import channel_effects, channel_tests
from trasos.marketing.layouts import LAYOUTS, Layout, layout_of
from trasos.marketing.markov import MarkovEffects, markov_effects
from trasos.marketing.paths import Paths, paths_of_texts, paths_of_touches
from trasos.marketing.shapley import coalition_conversions, shapley_conversions
from trasos.marketing.spend_import import ImportedSpend, import_spend

__all__ = [
    "LAYOUTS",
    "ChannelTest",
    "ImportedSpend",
    "Layout",
    "MarkovEffects",
    "Paths",
    "channel_effects",
    "channel_test",
    "channel_tests",
    "coalition_conversions",
    "import_spend",
    "layout_of",
    "markov_effects",
    "paths_of_texts",
    "paths_of_touches",
    "shapley_conversions",
]
