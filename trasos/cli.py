"""The command line: one small function a command, each around one function of the library.

The library is imported within the commands, so that `trasos --help` answers at once.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from trasos import cli_experiment, cli_metrics, cli_model, cli_spend, cli_storage, cli_value
from trasos.errors import TrasosError
from trasos.settings import Settings

if TYPE_CHECKING:
    from trasos.simulator import BulkSummary, SimulationSummary


class _Commands(TyperGroup):
    """Commands whose expected errors are one line for people, not a stack trace."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TrasosError as error:
            console = Console(stderr=True, highlight=False, soft_wrap=True)
            console.print(f"[bold red]Error:[/bold red] [red]{escape(str(error))}[/red]")
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=_Commands,
    help="From a fashion shop's raw clicks to recommendations and business numbers.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.add_typer(cli_storage.app, name="storage")
app.add_typer(cli_model.app, name="model")
app.add_typer(cli_experiment.app, name="experiment")
app.add_typer(cli_metrics.app, name="metrics")
app.add_typer(cli_spend.app, name="spend")
app.add_typer(cli_value.app, name="value")


@app.callback()
def _all_commands() -> None:
    """Stand for the whole, so that one command alone would still be called by its name."""


@contextmanager
def _progress(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar on standard error, where that is a terminal, while something long runs.

    Yields:
        A function that takes what is being done and the share (0..1) that is done.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[what]}", style="dim"),
    )
    console = Console(stderr=True)
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task(title, total=1.0, what="")
        yield lambda what, share: bar.update(task, completed=share, what=escape(what))


@app.command()
def simulate(
    people: Annotated[int | None, typer.Option(help="People who visit the shop.")] = None,
    days: Annotated[int | None, typer.Option(help="Length of the period, in days.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same shop.")] = None,
    products: Annotated[int | None, typer.Option(help="Products in the catalogue.")] = None,
    end_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the period (UTC).")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option(help="Replace another simulation that is in the inbox.")
    ] = False,
    bulk: Annotated[
        int | None,
        typer.Option(
            metavar="N_EVENTS",
            help="Write about so many plain events straight into landing/, without truth.",
        ),
    ] = None,
    source: Annotated[str, typer.Option(help="Name of the source to write.")] = "shop",
) -> None:
    """Simulate a shop: its events, tables and pictures in the inbox, and the truth about it."""
    from trasos.errors import ConfigurationError
    from trasos.simulator import SimulationConfig, simulate, simulate_bulk

    given: dict[str, Any] = {"days": days, "seed": seed, "people": people, "products": products}
    given["end_date"] = None if end_date is None else end_date.date()
    config = dataclasses.replace(
        SimulationConfig(), **{key: value for key, value in given.items() if value is not None}
    )
    settings = Settings.from_env()
    summary: SimulationSummary | BulkSummary
    with _progress("Simulating") as tell:
        if bulk is None:
            inbox, truth = settings.inbox / source, settings.truth / source
            summary = simulate(config, inbox, truth, tell, overwrite=overwrite)
        elif people is not None or products is not None or overwrite:
            raise ConfigurationError(
                "--bulk sizes the shop by its events: leave out --people, --products and "
                "--overwrite."
            )
        else:
            summary = simulate_bulk(
                bulk,
                config.days,
                settings.landing,
                config.seed,
                end_date=config.end_date,
                source=source,
                progress=tell,
            )
    _print_summary(summary)


@app.command()
def land(
    source: Annotated[str, typer.Option(help="Name of the source.")] = "shop",
    inbox: Annotated[
        Path | None, typer.Option(help="Folder to take files from, instead of inbox/<source>.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="List every file.")] = False,
) -> None:
    """Take new files of the inbox into landing/; exit with 1 if a file had to be refused."""
    from trasos.landing import land

    settings = Settings.from_env()
    # What comes next is `dbt build`, which makes the warehouse's file but not its folder.
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with _progress("Landing") as tell:
        report = land(
            source,
            settings,
            inbox,
            progress=lambda name, done, total: tell(name, done / max(total, 1)),
        )
    Console().print(report.table(verbose))
    if report.refused:
        raise typer.Exit(1)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="JSON lines (.gz, .zst or plain) or Parquet.")],
    source: Annotated[str, typer.Option(help="Name of the source it is meant for.")] = "shop",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what would become of each line of an event file; exit with 1 if one would be lost.

    Nothing is taken in. The verdicts are those of the warehouse's own models over this file alone:
    copies of events that were landed before are not found.
    """
    from trasos.contract import check

    console = Console(soft_wrap=as_json)
    with Console(stderr=True).status("Checking") as status:
        report = check(file, source, Settings.from_env(), lambda what: status.update(escape(what)))
    if as_json:
        console.print_json(data=report.as_dict())
    else:
        console.print(report.tables())
        console.print(report.summary)
    if report.refused:
        raise typer.Exit(1)


@app.command()
def rebuild(
    begin: Annotated[
        datetime, typer.Option("--from", help="First moment of the window, UTC, by event time.")
    ],
    end: Annotated[datetime, typer.Option("--to", help="First moment after the window, UTC.")],
    source: Annotated[str, typer.Option(help="Name of the source.")] = "shop",
) -> None:
    """Compute a window of events again from what is landed, and say what that changed."""
    from trasos.rebuilding import changes_table, rebuild

    variables = {"event_sources": [source], "table_sources": [source]}
    with Console(stderr=True).status("Rebuilding"):
        changes = rebuild(Settings.from_env(), begin, end, variables)
    Console().print(changes_table(changes))


@app.command()
def publish(
    manifest: Annotated[
        Path | None,
        typer.Option(help="dbt's manifest; manifest.json in DBT_TARGET_PATH or target/."),
    ] = None,
    keep: Annotated[int, typer.Option(help="Versions to keep.")] = 3,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the version before, publish nothing.")
    ] = False,
    to: Annotated[
        str | None, typer.Option(help="With --rollback: the file name of the version to go to.")
    ] = None,
) -> None:
    """Copy the published tables into a new read-only file and point readers to it."""
    from trasos import publishing
    from trasos.errors import ConfigurationError

    settings = Settings.from_env()
    if rollback:
        version = publishing.rollback(settings.published, to)
        Console(soft_wrap=True).print(f"Rolled back to {escape(version.name)}.")
        return
    if to is not None:
        raise ConfigurationError("--to says where to roll back to: give --rollback as well.")
    target = Path(os.environ.get("DBT_TARGET_PATH") or "target")
    manifest = manifest or target / "manifest.json"
    tables = publishing.published_tables(manifest)
    with _progress("Publishing") as tell:
        report = publishing.publish(
            settings.warehouse,
            settings.published,
            tables,
            keep,
            progress=lambda table, done, total: tell(table, done / total),
            answers=publishing.published_answers(manifest),
        )
    console = Console(soft_wrap=True)
    console.print(report.table())
    console.print(escape(report.summary))


@app.command()
def forget(
    customer_id: Annotated[str, typer.Argument(help="The shop's id of the customer.")],
    source: Annotated[str, typer.Option(help="Name of the source whose customer it is.")] = "shop",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Search for somebody who was forgotten, no more.")
    ] = False,
) -> None:
    """Take a person out of everything for good, and prove it; exit with 1 if it is still there.

    The warehouse is built anew and published anew. Orders stay, without the person.
    """
    from trasos import erasure
    from trasos.errors import ConfigurationError

    if dry_run and verify:
        raise ConfigurationError("Give --dry-run before, or --verify after: not both.")
    verb = erasure.preview if dry_run else erasure.verify if verify else erasure.forget
    with Console(stderr=True).status("Forgetting") as status:
        report = verb(
            customer_id, source, Settings.from_env(), lambda what: status.update(escape(what))
        )
    console = Console(soft_wrap=True)
    console.print(report.tables())
    console.print(escape(report.summary))
    if report.failed:
        raise typer.Exit(1)


@app.command()
def report() -> None:
    """Show what the newest publication holds: rows, business, recommender, examples."""
    from trasos.report import build_report

    Console().print(build_report(Settings.from_env().published))


@app.command()
def dashboard() -> None:
    """Draw the newest publication as pages and pictures in build/dashboard/."""
    from trasos.dashboard import render_dashboards

    settings = Settings.from_env()
    folder = settings.home / "build" / "dashboard"
    with Console(stderr=True).status("Drawing the dashboards"):
        drawn = render_dashboards(settings.published, Path("dashboards"), folder)
    for board in drawn:
        Console(soft_wrap=True).print(escape(f"{board.html}\n{board.png}"))


def _print_summary(summary: SimulationSummary | BulkSummary) -> None:
    """Print a summary's figures, one a line, named as its fields are."""
    console = Console(soft_wrap=True)
    values = dataclasses.asdict(summary)
    if values.pop("was_there", False):
        console.print(f"This very simulation is there already: {escape(str(values['inbox']))}")
        return
    for name, value in values.items():
        shown = f"{value:,}" if isinstance(value, int) else escape(str(value))
        console.print(f"{name.replace('_', ' '):<10} {shown}")
