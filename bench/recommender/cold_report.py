"""Results as tables of docs/decisions/cold_items.md: no number there is typed by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.page import rendered as page_with

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/decisions/cold_items.md"
RENTALS, EARLIER, SHOP = "rent_the_runway", "rent_the_runway_earlier", "cold_shop"

Results = Mapping[str, dict[str, Any]]

LABELS = {
    "popular": "popularity",
    "covisitation": "co-visitation",
    "als": "ALS",
    "content": "content alone",
    "clicks": "clicks, weighed",
    "clicks_lifted": "clicks, weighed and lifted",
    "als_mapped": "ALS, cold factors mapped",
    "hybrid": "hybrid",
}


def read_results(folder: Path = ROOT / "bench/results") -> Results:
    """What was measured, by file."""
    names = (RENTALS, EARLIER, SHOP)
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in names}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are figures."""
    marks = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, marks, *rows))


def _mean(values: Mapping[str, Any], kind: str, metric: str) -> str:
    return f"{values[kind][metric]:.4f}" if metric in values[kind] else ""


def _interval(found: Sequence[float]) -> str:
    mean, low, high = found
    return f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"


def _relative(found: Sequence[float], base: float) -> str:
    mean, low, high = (100 * value / base for value in found)
    return f"{mean:+.1f} % [{low:+.1f}, {high:+.1f}]"


def _means(means: Mapping[str, Any], names: Mapping[str, str]) -> str:
    cells = [(k, m) for k in ("cold", "warm") for m in ("recall", "ndcg")]
    rows = [
        [label, *(_mean(means[name], *cell) for cell in cells), _mean(means[name], "all", "recall")]
        for name, label in names.items()
        if name in means
    ]
    head = ["", "cold R@20", "cold N@10", "warm R@20", "warm N@10", "all R@20"]
    return table(head, rows)


def rentals(results: Results) -> str:
    """All models on the test of the rentals."""
    return _means(results[RENTALS]["test"]["means"], LABELS)


def newcomers(results: Results) -> str:
    """The same for dresses first rented after the split."""
    return _means(results[RENTALS]["newcomers"]["means"], LABELS)


def hardest(means: Mapping[str, Any], kind: str, metric: str) -> str:
    """The pure model that is best at something by its mean: the hardest to beat."""
    pure = ("popular", "covisitation", "als", "content")
    return max(pure, key=lambda name: (means[name][kind][metric], name))


def differences(results: Results) -> str:
    """The hybrid against the best pure model of each column."""
    found = results[RENTALS]
    said = {"every dress cold once": found["test"], "first rented later": found["newcomers"]}
    return _against_pure(said)


def readings(results: Results) -> str:
    """The figure that was aimed at, by an interval that allows for all looks at the test."""
    said = {
        "test": results[RENTALS]["test"],
        "test, first rented later": results[RENTALS]["newcomers"],
        "two earlier splits": results[EARLIER]["together"],
    }
    rows = []
    for name, found in said.items():
        rival = hardest(found["means"], "cold", "recall")
        wide = found["all_readings"]
        rows.append(
            [
                name,
                _interval(wide["hybrid_against"][rival]["cold"]["recall"]),
                f"{100 * wide['confidence']:g} %",
            ]
        )
    return table(["", "cold R@20 minus content alone", "confidence"], rows)


def rehearsal(results: Results) -> str:
    """The same half a year before the test, with powers learnt before that."""
    return _against_pure({"January to June 2017": results[RENTALS]["rehearsal"]})


def earlier(results: Results) -> str:
    """The same at splits that nothing was chosen on, together and each alone."""
    found = results[EARLIER]
    alone = {f"from {since}": part for since, part in found["alone"].items()}
    return _against_pure({"both": found["together"]} | alone)


def earlier_means(results: Results) -> str:
    """All models at those splits together."""
    return _means(results[EARLIER]["together"]["means"], LABELS)


def _against_pure(parts: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for said, found in parts.items():
        for kind in ("cold", "warm"):
            for metric, name in (("recall", "R@20"), ("ndcg", "N@10")):
                rival = hardest(found["means"], kind, metric)
                ends = found["hybrid_against"][rival][kind][metric]
                rows.append(
                    [
                        f"{said}: {kind} {name}",
                        LABELS[rival],
                        _interval(ends),
                        _relative(ends, found["means"][rival][kind][metric]),
                        f"{found['means']['hybrid'][kind]['n_persons']:,}",
                    ]
                )
    head = ["", "best pure model", "hybrid minus it", "relative", "persons"]
    return table(head, rows)


def shop(results: Results) -> str:
    """Products launched in the simulated shop's last weeks."""
    names = {"clicks": "blend of clicks", "content": "content alone"}
    names |= {
        name: name
        for name in results[SHOP]["means"]
        if name.startswith("hybrid") and "exploring" not in name
    }
    return _means(results[SHOP]["means"], names)


def exploration(results: Results) -> str:
    """What exploration costs and brings."""
    found = results[SHOP]
    rows = []
    for name in found["means"]:
        if "exploring" not in name and name not in ("clicks", "hybrid"):
            continue
        means = found["means"][name]
        against = found["against_clicks"].get(name)
        rows.append(
            [
                name.replace("clicks", "blend of clicks"),
                f"{100 * means['shown']['coverage']:.0f} %",
                f"{100 * means['shown']['places']:.1f} %",
                _interval(against["cold"]["recall"]) if against else "",
                _interval(against["warm"]["ndcg"]) if against else "",
                _interval(against["all"]["recall"]) if against else "",
            ]
        )
    head = ["", "new shown", "of all places", "cold R@20", "warm N@10", "all R@20"]
    return table(head, rows)


def segments(results: Results) -> str:
    """Popularity among a stranger's own kind."""
    rows = [
        [
            name,
            f"{found['means']['recall']:.4f}",
            "" if name == "all" else _interval(found["against_all"]["recall"]),
        ]
        for name, found in results[SHOP]["segments"].items()
    ]
    return table(["popular among", "R@20", "minus that among all"], rows)


TABLES: dict[str, Callable[[Results], str]] = {
    "rentals": rentals,
    "differences": differences,
    "readings": readings,
    "newcomers": newcomers,
    "rehearsal": rehearsal,
    "earlier": earlier,
    "earlier_means": earlier_means,
    "shop": shop,
    "exploration": exploration,
    "segments": segments,
}


def rendered(page: str, results: Results) -> str:
    """The page with every table between its marks made anew.

    Raises:
        ValueError: the page has no place for a table.
    """
    return page_with(page, PAGE.name, TABLES, results)


def render() -> None:
    """Make the page's tables anew."""
    PAGE.write_text(rendered(PAGE.read_text(), read_results()))
