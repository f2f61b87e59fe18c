"""`trasos storage`: what lies where, and what may go or be made smaller."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from trasos.settings import Settings

app = typer.Typer(
    help="See what lies where, merge small files, let old data go.", no_args_is_help=True
)
Apply = Annotated[bool, typer.Option("--apply", help="Do it. Without it nothing is changed.")]


@app.command()
def report() -> None:
    """Count bytes, files and rows by layer and age."""
    from trasos.storage import storage_report

    Console().print(storage_report(Settings.from_env()).table())


@app.command()
def compact(
    source: Annotated[str | None, typer.Option(help="Only this source; all if not given.")] = None,
    apply: Apply = False,
) -> None:
    """Merge the small batches of each load day of landing/; rows stay as they are."""
    from trasos.storage import compact

    with Console(stderr=True).status("Looking for small batches") as status:
        done = compact(
            Settings.from_env(),
            source,
            apply,
            progress=lambda day, done, total: status.update(
                f"Merging {escape(day)} ({done + 1} of {total})"
            ),
        )
    console = Console(soft_wrap=True)
    if done.merges:
        console.print(done.table())
    console.print(done.summary)


@app.command()
def retain(
    apply: Apply = False,
    inbox_days: Annotated[
        int | None, typer.Option(help="Days to keep landed event files of the inbox.", min=1)
    ] = None,
    landing_days: Annotated[
        int | None, typer.Option(help="Days to keep landed events.", min=1)
    ] = None,
    dead_letter_days: Annotated[
        int | None, typer.Option(help="Days to keep dead letters.", min=1)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Remove events that the warehouse does not have, too.")
    ] = False,
    vars_file: Annotated[
        Path, typer.Option("--vars-file", help="Where the var retention_days stands.")
    ] = Path("vars.yml"),
) -> None:
    """Remove what is older than the var retention_days keeps; options win over the var."""
    from trasos.storage import retain, retention_days

    given = {"inbox": inbox_days, "landing": landing_days, "dead_letters": dead_letter_days}
    days = dataclasses.replace(
        retention_days(vars_file),
        **{name: days for name, days in given.items() if days is not None},
    )
    with Console(stderr=True).status("Looking for what is past its time") as status:
        done = retain(
            Settings.from_env(),
            days,
            apply,
            force,
            progress=lambda day, done, total: status.update(
                f"Emptying {escape(day)} ({done + 1} of {total})"
            ),
        )
    console = Console(soft_wrap=True)
    console.print(done.table())
    console.print(done.summary)
