"""``python -m bench.recommender.oracle``: how near the lists come to what the simulator knows.

The shop of ``make demo`` is simulated, so what its people are going to like is known. On the split
and the catalogue that models are judged on, lists are made from that knowledge too:

tastes      the true taste of each person for each product, within the true department
all         everything: taste, wishes, appeal, season, newness, as probability of a look
candidates  the same, among the candidates of our sources alone
knowable    everything about products, and about people what their own looks before the split tell:
            20,000 people drawn from the shop's clusters, each weighed by how well what they would
            have looked at agrees with what was looked at

No model sees any of it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
from rich import box
from rich.console import Console
from rich.table import Table

from bench.recommender.truth import Truth
from trasos.errors import InputError
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.evaluate import evaluate
from trasos.recommender.fit import Recommender
from trasos.recommender.judge import lists_of
from trasos.recommender.metrics import hits_of, ndcg
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import allowed_block, batches, stack, top_n
from trasos.recommender.ranking.ranked import Ranked, Shelf
from trasos.recommender.split import Split

Doubles = npt.NDArray[np.float64]

DRAWS, PRIOR, PRIOR_DRAWS, PERIODS = 100, 20_000, 8, 3
BELIEF = 0.4
"""Exponent of the likelihood: looks come in lists, twelve shown together, so one tells less than if
each were drawn alone. Of 0.2 to 1 the best on the test itself, in favour of the oracle."""


@dataclass(frozen=True)
class Reached:
    """NDCG@10 of each judged person with history by way of making lists; float64 (n,) each."""

    by_name: dict[str, Doubles]

    def ratio(self, ours: str, oracle: str, params: RecommenderParams) -> tuple[float, ...]:
        """Ours over the oracle's mean, with the ends of its paired interval."""
        both = np.column_stack([self.by_name[ours], self.by_name[oracle]])
        means = resampled_means(both, params.bootstrap_resamples, params.seed)
        low, high = percentile_interval((means[:, 0] / means[:, 1])[:, None], params.confidence)
        mine, its = both.mean(axis=0)
        return float(mine / its), float(low[0]), float(high[0])


def measure(home: Path, params: RecommenderParams, console: Console) -> Reached:
    """Make lists by our models and by knowledge, for the same persons.

    Args:
        home: where ``make demo`` was run.
        params: tunables.
        console: where progress is told.

    Raises:
        InputError: there is no simulated shop, or nothing to judge on.
    """
    truth = Truth.of(home / "inbox/shop", home / "truth/shop")
    catalogue, log = _read(home / "warehouse/trasos.duckdb")
    result = evaluate(log, catalogue, params)
    if result.split is None or result.recommender is None:
        raise InputError("The log is too short to hold days out.")
    split, recommender = result.split, result.recommender
    console.print(f"The ranker serves: {recommender.ranker.serves}; {recommender.ranker.reason}.")
    warm = np.flatnonzero(split.persons >= 0)
    judged = _Judged(split, warm)
    by_name = {}
    models = (*recommender.models(params.seed), Ranked.over(recommender, split.train, catalogue))
    for model in models:
        by_name[model.name] = judged.ndcg(lists_of(model, recommender, split).items[warm])
    ids = split.train.person_ids.to_pylist()
    numbers = [truth.by_id[ids[code]] for code in split.persons[warm]]
    place = {name: at for at, name in enumerate(truth.catalogue.product_ids)}
    order = np.array([place[name] for name in catalogue.product_ids.to_pylist()])
    tastes = truth.tastes()
    by_name["tastes"] = judged.reached(_mean(tastes, numbers)[:, order])
    asked = np.unique(np.concatenate([np.array(each) for each in numbers]))
    until_ms = truth.config.end_ms
    looks = np.zeros_like(tastes)
    looks[asked] = truth.looks(truth.people, asked, split.split_at * 1000, until_ms, DRAWS, 1)
    everything = _mean(looks, numbers)[:, order]
    by_name["all"] = judged.reached(everything)
    ours = _candidates(recommender, split, catalogue, params, warm)
    by_name["candidates"] = judged.reached(np.where(ours, everything, -np.inf))
    by_name["knowable"] = judged.reached(_knowable(truth, split, warm, order))
    return Reached(by_name)


@dataclass(frozen=True)
class _Judged:
    split: Split
    warm: npt.NDArray[np.intp]

    def ndcg(self, items: npt.NDArray[np.int32]) -> Doubles:
        hits = hits_of(items, self.split.relevant[self.warm])
        return ndcg(hits, self.split.n_relevant[self.warm], 10)

    def reached(self, scores: Doubles) -> Doubles:
        """NDCG@10 of lists by scores, float64 (len(warm), n_products)."""
        blocks = []
        for batch in batches(len(self.warm), scores.shape[1]):
            persons = self.split.persons[self.warm[batch]]
            allowed = allowed_block(len(persons), self.split.candidates, self.split.seen[persons])
            block = scores[batch].astype(np.float32)
            blocks.append(top_n([lambda rows, block=block: block[rows]], allowed, 10))
        return self.ndcg(stack(blocks, 10).items)


def _read(warehouse: Path) -> tuple[Catalogue, InteractionLog]:
    if not warehouse.exists():
        raise InputError(f"{warehouse} is not there: run `make demo` first, or name --home.")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        products = connection.sql("select * from dim_products").to_arrow_table()
        events = connection.sql("select * from ftr_interaction_events").to_arrow_table()
    catalogue = Catalogue.from_arrow(products)
    return catalogue, InteractionLog.from_arrow(events, catalogue)


def _mean(values: Doubles, numbers: list[list[int]]) -> Doubles:
    """Of the people behind each person: a device may be shared."""
    return np.array([values[each].mean(axis=0) for each in numbers])


def _candidates(
    recommender: Recommender,
    split: Split,
    catalogue: Catalogue,
    params: RecommenderParams,
    warm: npt.NDArray[np.intp],
) -> npt.NDArray[np.bool_]:
    shelf = Shelf.at(recommender, split.train, catalogue, params)
    persons = split.persons[warm]
    allowed = allowed_block(len(persons), split.candidates, split.seen[persons])
    return shelf.pool(persons, allowed).is_candidate


def _knowable(
    truth: Truth, split: Split, warm: npt.NDArray[np.intp], order: npt.NDArray[np.int64]
) -> Doubles:
    """The mean of what people drawn at random will look at, weighed by what was looked at."""
    drawn = truth.like_people(PRIOR, 5)
    everyone = np.arange(PRIOR)
    log, persons = split.train, split.persons[warm]
    looked = log.take(log.is_type(("product_viewed",)))
    edges = np.linspace(truth.config.start_ms, split.split_at * 1000, PERIODS + 1)
    likelihood = np.zeros((len(warm), PRIOR))
    for period in range(PERIODS):
        since, until = int(edges[period]), int(edges[period + 1])
        rate = truth.looks(drawn, everyone, since, until, PRIOR_DRAWS, 10 + period)[:, order]
        rate = rate + 1e-4 * rate.mean()
        rate /= rate.sum(axis=1, keepdims=True)
        rows = looked.from_moment(since // 1000).before(until // 1000)
        count = np.zeros((log.n_persons + 1, len(order)))
        np.add.at(count, (rows.person, rows.product), 1)
        likelihood += np.minimum(count[persons], 3) @ np.log(rate).T
    weight = np.exp(BELIEF * (likelihood - likelihood.max(axis=1, keepdims=True)))
    weight /= weight.sum(axis=1, keepdims=True)
    ahead = truth.looks(
        drawn, everyone, split.split_at * 1000, truth.config.end_ms, 2 * PRIOR_DRAWS, 20
    )
    return np.asarray(weight @ ahead[:, order], np.float64)


def table_of(reached: Reached, params: RecommenderParams) -> Table:
    """Every way of making lists, and what the served ones reach of each oracle."""
    table = Table(box=box.SIMPLE_HEAD)
    for place, column in enumerate(("lists by", "NDCG@10", "ranked reaches", "blend reaches")):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    for name, values in reached.by_name.items():
        shares = (reached.ratio(ours, name, params) for ours in (Ranked.name, "blend"))
        said = [f"{100 * at:.0f} % [{100 * low:.0f}, {100 * high:.0f}]" for at, low, high in shares]
        table.add_row(name, f"{values.mean():.4f}", *said)
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(), help="where make demo was run")
    params, console = RecommenderParams(), Console(width=110)
    try:
        reached = measure(parser.parse_args().home, params, console)
    except InputError as error:
        raise SystemExit(str(error)) from error
    n_persons = len(reached.by_name["all"])
    console.print(f"{n_persons:,} persons with history; intervals are paired by person.")
    console.print(table_of(reached, params))


if __name__ == "__main__":
    main()
