"""Results as tables of docs/performance.md: no number there is typed by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from bench.events.homes import ROOT
from bench.events.report import PAGE, Record, millions, table
from bench.events.report import read_results as read_records
from bench.page import rendered as page_with

__all__ = ["PAGE", "RESULTS", "Record", "key_of", "read_results", "rendered"]

RESULTS = ROOT / "bench/results/recommender_factors.jsonl"
LARGE = 5_000_000
"""Pairs from which on a size counts for a target."""

TARGETS = (
    ("training", "ratio_iteration", "an iteration, at most so much of implicit's", 0.5),
    ("training", "ratio_scaled", "the same with regularization scaled by frequency", 0.5),
    ("training", "ratio_equal_loss", "training to the loss of implicit's eighth iteration", 0.5),
    ("retraining", "ratio", "a day later to no worse a loss, of a cold fit", 0.25),
    ("scoring", "ratio_plain", "50 best of all products, of the plain matrix product", 1.6),
    ("scoring", "ratio_implicit", "the same, of implicit's recommend", 0.5),
    ("alike", "ratio_implicit", "50 most alike of all products, of implicit's", 0.5),
)


def read_results() -> list[Record]:
    """All records, one a line; none where nothing was measured yet."""
    return read_records(RESULTS)


def key_of(record: Record) -> tuple[object, ...]:
    """What a record is about: a newer one of the same takes its place."""
    return record["experiment"], record["persons"], record["products"]


def chosen(records: Sequence[Record], experiment: str) -> list[Record]:
    """The records of one experiment, small before large."""
    found = [record for record in records if record["experiment"] == experiment]
    return sorted(found, key=lambda record: record["pairs"])


def is_sound(record: Record) -> bool:
    """Whether a ratio says anything: the loss was reached, and threads changed no bit."""
    if record["experiment"] == "retraining":
        return bool(record["losses"]["warm"] <= record["losses"]["cold"])
    return bool(record.get("bit_equal", True))


def targets(records: Sequence[Record]) -> str:
    """Every target with what was measured on enough pairs, or that nothing was."""
    rows = []
    for experiment, name, words, limit in TARGETS:
        found = [each for each in chosen(records, experiment) if each["pairs"] >= LARGE]
        rows += [
            [
                words,
                f"{record[name]:.2f}",
                f"{limit:g}",
                "yes" if record[name] <= limit and is_sound(record) else "**no**",
            ]
            for record in found
        ] or [[words, "", f"{limit:g}", "not measured yet"]]
    return table(["ratio of CPU seconds", "measured", "aim", "reached"], rows)


def training(records: Sequence[Record]) -> str:
    """Both solvers by iteration, with the loss after some of them."""
    rows = []
    for record in chosen(records, "training"):
        for at in (0, 1, 3, len(record["losses"]["ours"]) - 1):
            losses = {way: record["losses"][way][at] for way in ("ours", "implicit")}
            rows.append(
                [
                    f"{millions(record['pairs'])}, iteration {at + 1}",
                    *[f"{record['cpu_s'][way][at]:.2f}" for way in ("ours", "implicit")],
                    *[f"{losses[way]:,.0f}" for way in ("ours", "implicit")],
                ]
            )
    head = ["pairs", "ours, CPU s", "implicit, CPU s", "ours, loss", "implicit, loss"]
    return table(head, rows)


def retraining(records: Sequence[Record]) -> str:
    """A cold fit beside one iteration from yesterday's factors."""
    rows = [
        [
            millions(record["pairs"]),
            *[
                cell
                for way in ("cold", "warm")
                for cell in (f"{median(record['cpu_s'][way]):.2f}", f"{record['losses'][way]:,.0f}")
            ],
        ]
        for record in chosen(records, "retraining")
    ]
    return table(["pairs", "cold, CPU s", "cold, loss", "warm, CPU s", "warm, loss"], rows)


def scoring(records: Sequence[Record]) -> str:
    """Microseconds a person or product of each way."""
    rows = []
    for record in [*chosen(records, "scoring"), *chosen(records, "alike")]:
        what = "persons" if record["experiment"] == "scoring" else "products, most alike"
        for way, spent in record["cpu_s"].items():
            micro = [1e6 * seconds / record["rows"] for seconds in spent]
            rows.append(
                [
                    f"{record['rows']:,} {what}, of {record['products']:,}: {way}",
                    f"{median(micro):.0f}",
                    f"{min(micro):.0f} to {max(micro):.0f}",
                ]
            )
    return table(["way", "CPU microseconds each, median", "range"], rows)


def memory(records: Sequence[Record]) -> str:
    """What scoring takes beside arguments and answer, and how often the lists are implicit's."""
    rows = []
    for record in [*chosen(records, "scoring"), *chosen(records, "alike")]:
        what = "persons" if record["experiment"] == "scoring" else "products, most alike"
        taken = f"{record['working_bytes'] / 1e6:.0f} MB" if "working_bytes" in record else ""
        rows.append(
            [
                f"{record['rows']:,} {what}, of {record['products']:,}",
                taken,
                f"{record['same_share']:.5f}",
            ]
        )
    head = ["lists", "memory beside the answer", "share of places as implicit's"]
    return table(head, rows)


TABLES: dict[str, Callable[[Sequence[Record]], str]] = {
    "factor targets": targets,
    "factor training": training,
    "factor retraining": retraining,
    "factor scoring": scoring,
    "factor memory": memory,
}


def rendered(page: str, records: Sequence[Record]) -> str:
    """The page with every table of these between its marks made anew.

    Raises:
        ValueError: the page has no place for a table.
    """
    return page_with(page, PAGE.name, TABLES, records)
