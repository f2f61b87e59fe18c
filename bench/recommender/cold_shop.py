"""``python -m bench.recommender.cold_shop``: products launched in the simulated shop's last weeks.

Nobody met them before the split; they compete with all others. What content is trusted for is
chosen the same way three weeks earlier. Then: what exploration costs and brings, and whether
popularity in another segment than the department serves strangers better.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from bench.recommender.cold import Case, difference, summary
from bench.recommender.cold_report import render
from bench.recommender.segments import segments
from bench.recommender.simulated import simulated_shop
from trasos.recommender.arrays import SECONDS_A_DAY, Codes, Doubles, Floats
from trasos.recommender.content import (
    ContentFeatures,
    ContentMap,
    ContentNeighbours,
    content_features,
    with_cold_items,
)
from trasos.recommender.content.features import PICTURE, TEXT
from trasos.recommender.content.pictures import PictureStore
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.exploration import Exploration, ExplorationParams
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.matrix import person_product
from trasos.recommender.models.model import Model
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import TopN
from trasos.recommender.rules import Scope
from trasos.recommender.serve import Answers
from trasos.simulator.config import SimulationConfig
from trasos.simulator.images import write_images
from trasos.simulator.world import World

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench/results/cold_shop.json"
SHOP = SimulationConfig(images=False)
DAYS = 21
RIDGES, SCALES = (1.0, 10.0), (0.8, 1.0, 1.2, 1.5, 2.0)
SHARES = (0.1, 0.25, 0.5, 1.0)
BRANDLESS = ("department", "category", "colour", "size_range", "price")
ATTRIBUTES = (*BRANDLESS, "brand")


@dataclass(frozen=True)
class ColdShop:
    """A shop at a split, with all that was learnt before it.

    Attributes:
        case: who is asked, and what is cold.
        catalogue: products.
        recommender: the shop's models, fitted before the split.
        features: content of all products.
        matrix: person x product weights before the split.
    """

    case: Case
    catalogue: Catalogue
    recommender: Recommender
    features: ContentFeatures
    matrix: Any

    @classmethod
    def at(
        cls, log: InteractionLog, catalogue: Catalogue, features: ContentFeatures, until: int
    ) -> ColdShop:
        """Split ``DAYS`` before a moment; cold is what was launched since.

        Args:
            log: interactions.
            catalogue: products.
            features: their content.
            until: seconds.
        """
        params = RecommenderParams()
        since = until - DAYS * SECONDS_A_DAY
        launched = catalogue.launched_at < until
        cold = launched & (catalogue.launched_at >= since)
        later = log.before(until).from_moment(since)
        later = later.take(later.is_type(params.relevant_event_types))
        case = Case.cut(log.before(since), later, cold, launched, since)
        return cls(
            case,
            catalogue,
            fit(case.train, catalogue, params),
            features,
            person_product(case.train, since, params.half_life_days),
        )

    def ladder(self, model: Model) -> Sequence[Model]:
        """A model, then what is popular."""
        return model, self.recommender.in_department, self.recommender.popular

    def values(self, model: Model) -> Doubles:
        """See ``Case.values``."""
        return self.case.values(self.case.lists(self.ladder(model)))

    def blend(self, ridge: float, scale: float, blocks: Sequence[str] = ()) -> Model:
        """The served blend, its factors of cold products taken from content.

        Args:
            ridge: of the map.
            scale: of mapped factors.
            blocks: of content; all where not given.
        """
        features = self.features.only(*blocks) if blocks else self.features
        als, met = self.recommender.als, self.case.met()
        content = ContentMap.fit(features, als.item_factors, met, ridge)
        return replace(self.recommender, als=with_cold_items(als, content, met, scale, 0)).blend

    def neighbours(self) -> Model:
        """Content alone."""
        return ContentNeighbours.fit(self.features, self.matrix)


def chosen_map(shop: ColdShop) -> tuple[float, float]:
    """Ridge and scale by recall@20 of all that people wanted, cold or not."""
    found = {
        pair: summary(shop.values(shop.blend(*pair)))["all"]["recall"]
        for pair in product(RIDGES, SCALES)
    }
    return max(found, key=lambda pair: found[pair])


def explored(shop: ColdShop, top: TopN, share: float) -> TopN:
    """Lists with the cold products drawn into them."""
    case = shop.case
    new = np.flatnonzero(case.cold & case.candidates).astype(np.int32)
    params = ExplorationParams(share=share)
    plan = Exploration(new, shop.catalogue.department[new], case.as_of // SECONDS_A_DAY, params)
    homes: Codes = shop.recommender.in_department.main_department[case.persons]
    none = np.full(top.items.shape, -1, np.int32)
    persons = np.arange(len(top.items), dtype=np.int32)
    answers = Answers(persons, top.items, top.falling_scores(), np.zeros_like(none), none)
    drawn = plan.apply(
        answers, case.person_ids.tolist(), case.seen, homes, (), Scope("for_you", homes)
    )
    return replace(top, items=drawn.items)


def shown(case: Case, top: TopN) -> dict[str, float]:
    """Share of cold products in at least one list, and their share of all places."""
    new = np.flatnonzero(case.cold & case.candidates)
    return {
        "coverage": round(len(np.intersect1d(top.items, new)) / max(1, len(new)), 4),
        "places": round(float(case.cold[top.items].mean()), 4),
    }


def pictures_of(world: World, catalogue: Catalogue) -> Floats:
    """The simulated shop's pictures as it drops them, described; they are not kept."""
    with tempfile.TemporaryDirectory() as scratch:
        drop = Path(scratch) / "images"
        write_images(world.config, world.catalogue, drop)
        return PictureStore(Path(scratch)).features(drop, catalogue)


def measure(config: SimulationConfig = SHOP) -> dict[str, Any]:
    """Choose on the three weeks before, then judge the last three.

    Args:
        config: of the shop.
    """
    begun = time.process_time()
    interactions, products, world = simulated_shop(config)
    catalogue = Catalogue.from_arrow(products)
    log = InteractionLog.from_arrow(interactions, catalogue)
    features = content_features(products, catalogue, pictures=pictures_of(world, catalogue))
    end = log.last_at + 1
    ridge, scale = chosen_map(ColdShop.at(log, catalogue, features, end - DAYS * SECONDS_A_DAY))
    shop = ColdShop.at(log, catalogue, features, end)
    clicks = shop.recommender.blend
    models: dict[str, Model] = {
        "clicks": clicks,
        "content": shop.neighbours(),
        "hybrid": shop.blend(ridge, scale),
        "hybrid, attributes": shop.blend(ridge, scale, ATTRIBUTES),
        "hybrid, words": shop.blend(ridge, scale, (TEXT,)),
        "hybrid, pictures": shop.blend(ridge, scale, (PICTURE,)),
        "hybrid, no brand known": shop.blend(ridge, scale, BRANDLESS),
        "hybrid, no brand known, pictures": shop.blend(ridge, scale, (*BRANDLESS, PICTURE)),
    }
    lists = {name: shop.case.lists(shop.ladder(model)) for name, model in models.items()}
    for share in SHARES:
        lists[f"clicks, exploring {share:g}"] = explored(shop, lists["clicks"], share)
    lists["hybrid, exploring 0.25"] = explored(shop, lists["hybrid"], 0.25)
    values = {name: shop.case.values(top) for name, top in lists.items()}
    return {
        "products": catalogue.n_products,
        "cold": int((shop.case.cold & shop.case.candidates).sum()),
        "persons": len(shop.case.persons),
        "ridge": ridge,
        "scale": scale,
        "means": {
            name: {**summary(of_model), "shown": shown(shop.case, lists[name])}
            for name, of_model in values.items()
        },
        "against_clicks": {
            name: difference(of_model, values["clicks"])
            for name, of_model in values.items()
            if name != "clicks"
        },
        "segments": segments(world, log, end - DAYS * SECONDS_A_DAY),
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def main() -> None:
    """Measure, keep the results and render the page."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(measure(), indent=1, sort_keys=True) + "\n")
    render()


if __name__ == "__main__":
    main()
