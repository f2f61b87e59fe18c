"""`trasos value`: pictures of what customers and cohorts will be worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from trasos.settings import Settings

app = typer.Typer(help="Look at what customers and cohorts will be worth.", no_args_is_help=True)


@app.callback()
def _all_commands() -> None:
    """Keep `trasos value` a group while it has one command."""


@app.command()
def pictures(
    to: Annotated[Path, typer.Option("--to", help="Folder of the pictures.")] = Path(
        "build/forecasts"
    ),
) -> None:
    """Draw the forecast of each series in the published copy, with its interval, as PNG."""
    from trasos.value.pictures import draw_forecasts

    console = Console(soft_wrap=True)
    files = draw_forecasts(Settings.from_env().published, to)
    for file in files:
        console.print(escape(str(file)))
    if not files:
        console.print("No series is long enough to be forecast yet.")
