"""The card of a model: what it is, what it was made of, how it did, what it must not be used for.

The form is that of Mitchell et al. (Model Cards for Model Reporting, 2019). Every number comes from
records: the artefact's manifest, the evaluation's rows and the gate's decisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from trasos.files import sync
from trasos.recommender.gate.decision import Record
from trasos.recommender.params import RecommenderParams
from trasos.recommender.reporting.figures import (
    LISTS,
    SLICES,
    difference_table,
    moment,
    slice_tables,
)
from trasos.recommender.reporting.pages import table, to_html
from trasos.recommender.reporting.records import Records, records_of
from trasos.recommender.verdict import METRIC, SPOKEN, K, is_served

CARDS, CARD, CARD_PAGE = "cards", "model_card.md", "model_card.html"

USES = (
    "It orders a fashion shop's own products: for each person a list of products that the person "
    "has not met, for each product similar ones, for each department what is popular. It is for "
    "people who chose to look at that shop, on its pages and in its messages."
)

NOT_FOR = (
    "deciding anything about a person but which products stand first: no prices, no credit, no "
    "limits, no guess at health, faith, origin or the like from what somebody looked at",
    "another shop, or this one after most of its catalogue was replaced: it knows only products "
    "that it has met",
    "ordering what must be complete, as search results, or what the law says must be neutral",
    "forecasting demand: a score orders one list and means nothing beside another's",
)

LIMITS = (
    "It was judged on what people did while earlier lists were shown, which favours what those "
    "lists held; whether it earns more only an experiment in the shop can tell.",
    "Only discovery was judged: products that a person had met before count neither for nor "
    "against it.",
    "A figure is a mean over persons: how one person is served it does not say.",
)

PRIVACY = (
    "The artefact holds no id of a person; without the shop's log nobody can tell whose factors it "
    "holds. It was trained on what persons did: when one of them is forgotten (`trasos forget`), "
    "it is removed and a model is trained anew. It knows neither age nor sex; the department that "
    "a person mostly looks at stands in for the latter."
)


def model_card(artefacts: Path, model_version: str) -> str:
    """The card as Markdown, from what is on record now.

    Args:
        artefacts: folder of all artefacts.
        model_version: a version that is kept.

    Raises:
        NotReadyError: no such model is kept.
        InputError: something of it is damaged.
    """
    return "\n\n".join(part.strip() for part in _parts(records_of(artefacts, model_version))) + "\n"


def keep_card(artefacts: Path, model_version: str) -> Path:
    """Write the card, as Markdown and as a page, beside the artefacts; the artefact stays as it is.

    A card that is the same already is left alone, so that building again writes nothing.

    Returns:
        The Markdown's path.
    """
    text = model_card(artefacts, model_version)
    folder = artefacts / CARDS / model_version
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        CARD: text.encode(),
        CARD_PAGE: to_html(f"Model card of {model_version}", text),
    }
    for name, content in pages.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            draft = folder / f".{name}.new"
            draft.write_bytes(content)
            sync(draft)
            draft.replace(path)
    return folder / CARD


def _parts(records: Records) -> Iterator[str]:
    manifest = records.manifest
    yield f"# Model card: {records.model_version}"
    yield "In the form of Mitchell et al., Model Cards for Model Reporting, 2019."
    yield "## What it is"
    yield USES
    tuning = manifest.get("tuning") or {}
    libraries = ", ".join(f"{name} {number}" for name, number in manifest["libraries"].items())
    yield table(
        ("of the model", ""),
        [
            ("code version", f"`{manifest['code_version']}`"),
            ("libraries", libraries),
            ("checksum", f"`{manifest['checksum']}`"),
            *((f"tuned: {name}", _plain(value)) for name, value in tuning.items()),
        ],
    )
    yield "## What it learnt from"
    yield _data(records)
    yield "## Parameters"
    units = {each.name: each.metadata["unit"] for each in fields(RecommenderParams)}
    yield table(
        ("parameter", "value", "unit"),
        [
            (f"`{name}`", _plain(value), units.get(name, ""))
            for name, value in sorted(manifest["parameters"].items())
        ],
    )
    yield "## How it did"
    yield from _quality(records)
    yield "## What the gate decided"
    yield from _decisions(records.decisions)
    if records.moves:
        yield "Who serves was changed so:"
        yield table(
            ("at (UTC)", "how", "serves since", "until then", "reason"),
            [
                (
                    entry.at,
                    entry.how,
                    f"`{entry.champion}`" if entry.champion else "nobody",
                    f"`{entry.before}`" if entry.before else "nobody",
                    entry.reason,
                )
                for entry in records.moves
            ],
        )
    yield "## Limits"
    yield "\n".join(f"- {limit}" for limit in (*_shown_limits(records), *LIMITS))
    yield "## What it must not be used for"
    yield "\n".join(f"- {each}" for each in NOT_FOR)
    yield "## Persons"
    yield PRIVACY
    yield "## How to go back"
    yield (
        "`trasos model list` shows who serves and who served before; `trasos model rollback "
        '--because "…"` lets the champion before serve again, `trasos model promote VERSION` '
        "another one. The next `dbt build` serves its lists."
    )


def _data(records: Records) -> str:
    manifest, evaluation = records.manifest, records.evaluation
    began = manifest.get("trained_from")
    rows = [
        ("data snapshot", f"`{manifest['data_snapshot']}`"),
        ("first interaction", "not on record" if began is None else moment(began)),
        ("last interaction", moment(manifest["trained_through"])),
        ("interactions", f"{manifest['n_interactions']:,}"),
        ("persons", f"{manifest['n_persons']:,}"),
        ("products", f"{manifest['n_products']:,}"),
    ]
    if evaluation is not None:
        left_out = f"{evaluation['n_unknown_products']:,}"
        rows.append(("interactions left out, their product unknown", left_out))
    return table(("of the data", ""), rows)


def _quality(records: Records) -> Iterator[str]:
    evaluation = records.evaluation
    if evaluation is None or records.rows is None:
        yield "It was not evaluated."
        return
    yield records.verdict.replace("\n", "\n\n")
    if not records.rows.num_rows:
        return
    parameters = records.manifest["parameters"]
    yield (
        f"Judged on the {parameters['test_days']} days from {moment(evaluation['split_at'])} on, "
        "by the same recipe fitted on all before them, tuned on the days before those. Intervals "
        f"hold {_plain(parameters['confidence'])} of {parameters['bootstrap_resamples']:,} "
        "resamples of persons; differences are paired."
    )
    yield "What is served beside the baselines:"
    yield difference_table(records.rows, METRIC, K)
    yield from slice_tables(records.rows)
    yield "What the lists are like:"
    yield from slice_tables(records.rows, LISTS)


def _decisions(decisions: tuple[Record, ...]) -> Iterator[str]:
    if not decisions:
        yield "It has not judged this version."
    for decision in decisions:
        met = decision.champion_version
        beside = f"beside the champion `{met}`" if met else "with no champion before it"
        yield f"**{decision.outcome}**, {beside}. {decision.reason}"
        yield table(
            ("criterion", "measured", "interval", "bound", "holds", "in words"),
            [
                (
                    f"`{row['criterion']}`",
                    _plain(row["value"]),
                    "" if row["ci_low"] is None else _ends(row["ci_low"], row["ci_high"]),
                    row["bound"],
                    "yes" if row["is_passed"] else "**no**",
                    row["reason"],
                )
                for row in decision.rows.to_pylist()
            ],
        )


def _shown_limits(records: Records) -> Iterator[str]:
    """What the records themselves leave unproved."""
    rows = [] if records.rows is None else records.rows.to_pylist()
    own = [row for row in rows if is_served(row) and (row["metric"], row["k"]) == (METRIC, K)]
    for name, who in SLICES.items():
        unproved = [
            SPOKEN.get(row["baseline"], row["baseline"])
            for row in own
            if row["slice"] == name and (row["diff_low"] is None or row["diff_low"] <= 0)
        ]
        if unproved:
            yield f"For {who} it was not shown to beat {' or '.join(unproved)}."
        elif not any(row["slice"] == name for row in own):
            yield f"For {who} nothing was measured."


def _ends(low: float, high: float | None) -> str:
    return f"[{_plain(low)}, {'' if high is None else _plain(high)}]"


def _plain(value: Any) -> str:
    """A value of a record as people read it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
