"""`trasos spend`: advertising spend that comes as exports of platforms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from trasos.settings import Settings

app = typer.Typer(help="Take in what advertising cost.", no_args_is_help=True)

#: The source under which exports are landed, beside those of shops.
ADS = "ads"


@app.callback()
def _all_commands() -> None:
    """Stand for the whole, so that one command alone would still be called by its name."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV as the platform exports it.")],
    layout: Annotated[
        str, typer.Option(help="plain, facebook, weekly_wide, or a YAML file (docs/spend.md).")
    ] = "plain",
    currency: Annotated[
        str | None, typer.Option(help="Currency of all amounts, where the file does not say.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="Channel of all rows, where the file does not say.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the export; the same name replaces it.")
    ] = None,
) -> None:
    """Bring an export to one form, drop it into inbox/ads/ and land it."""
    from trasos.landing import land
    from trasos.marketing import import_spend, layout_of

    settings = Settings.from_env()
    done = import_spend(
        file, layout_of(layout), settings.inbox / ADS, currency=currency, channel=channel, name=name
    )
    console = Console(soft_wrap=True)
    console.print(done.table())
    if done.unreadable:
        console.print(
            f"[yellow]{done.unreadable:,} rows have a day or an amount that cannot be read: the "
            "build will reject them, each with its reason.[/yellow]"
        )
    if done.replaced:
        console.print(f"{done.replaced:,} rows of an earlier import of this name were replaced.")
    land(ADS, settings)
    console.print(
        f"Landed from {escape(str(done.target))}. The next build reads it where the var "
        "ad_exports_table is true."
    )
