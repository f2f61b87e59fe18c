"""What would become of an event file, before it ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trasos.contract.project import JUDGED
from trasos.contract.report import CheckReport, Example, Outcome
from trasos.contract.schema import UNSEEN, objections
from trasos.contract.verdicts import Judgement, Tell, judged
from trasos.settings import Settings

#: Examples that are shown of each reason.
EXAMPLES = 3


def check(file: Path, source: str, settings: Settings, tell: Tell | None = None) -> CheckReport:
    """Say of every line of an event file what the warehouse would make of it.

    The verdicts are those of the dbt project's own models, run over this file alone; events that
    were landed before are not looked at, so a copy of one of them counts as accepted.

    Args:
        file: JSON lines (plain, gzip or zstd) or Parquet.
        source: the source that the file is meant for.
        settings: the shop's home; a folder for the work is made below it.
        tell: called with what is being done.

    Returns:
        The count of each outcome, with examples.

    Raises:
        InputError: the file is not there, is none that landing takes, or cannot be read or judged.
        ConfigurationError: there is no dbt project, or ``source`` is no fit name.
        NotReadyError: another process is checking in the same home.
    """
    with judged(file, source, settings, tell or (lambda what: None)) as judgement:
        accepted = judgement.verdicts(f"select count(*) from {JUDGED} where verdict = 'accepted'")
        return CheckReport(
            file=file,
            source=source,
            lines=judgement.batch.lines,
            blank=judgement.batch.blank,
            accepted=accepted[0][0] if accepted else 0,
            outcomes=(*_duplicates(judgement), *_rejected(judgement), *_dead(judgement)),
        )


def _duplicates(judgement: Judgement) -> list[Outcome]:
    rows = judgement.verdicts(
        f"""
        select count(*) over (), copy.line_number, first.line_number
        from {JUDGED} as copy
        inner join {JUDGED} as first
            on copy.event_id = first.event_id and first.verdict = 'accepted'
        where copy.verdict = 'duplicated'
        order by copy.line_number
        limit {EXAMPLES}
        """
    )
    if not rows:
        return []
    examples = [Example(line, (f"has the messageId of line {kept}",)) for _, line, kept in rows]
    return [Outcome("duplicate", "", rows[0][0], tuple(examples))]


def _rejected(judgement: Judgement) -> list[Outcome]:
    rows = judgement.verdicts(
        f"""
        select reject_reason, count(*), list(line_number order by line_number)[:{EXAMPLES}]
        from {JUDGED}
        where verdict = 'rejected'
        group by reject_reason
        order by count(*) desc, reject_reason
        """
    )
    events = judgement.events({number for _, _, numbers in rows for number in numbers})
    return [
        Outcome(
            "rejected",
            reason,
            count,
            tuple(Example(number, _says(reason, events.get(number))) for number in numbers),
        )
        for reason, count, numbers in rows
    ]


def _says(reason: str, event: Any) -> tuple[str, ...]:
    """What the schema says of a rejected event; nothing where it is not written for its source."""
    if event is None:
        return ()
    found = tuple(str(objection) for objection in objections(event))
    unseen = (UNSEEN[reason],) if reason in UNSEEN else ()
    return found + unseen


def _dead(judgement: Judgement) -> list[Outcome]:
    lines: dict[str, list[int]] = {}
    for reason, number in judgement.dead_letters():
        lines.setdefault(reason, []).append(number)
    return [
        Outcome(
            "dead letter",
            reason,
            len(numbers),
            tuple(Example(number, ()) for number in numbers[:EXAMPLES]),
        )
        for reason, numbers in sorted(lines.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
