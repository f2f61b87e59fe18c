"""`trasos model`: which model serves, and letting another one serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trasos.settings import Settings

if TYPE_CHECKING:
    from trasos.recommender.gate import Succession

app = typer.Typer(
    help="See which model serves and why; let another one serve.", no_args_is_help=True
)
Because = Annotated[
    str | None, typer.Option("--because", metavar="REASON", help="Kept in the history.")
]


@app.command("list")
def list_models() -> None:
    """List the models that are kept, what the gate decided on each, and who serves."""
    from trasos.recommender.gate import listed, succession

    artefacts = Settings.from_env().artefacts
    console = Console(soft_wrap=True)
    models = listed(artefacts)
    if not models:
        console.print(escape(f"No model is kept in {artefacts} yet: `dbt build` trains one."))
        return
    table = Table()
    for column in ("", "model", "learnt through (UTC)", "gate", "reason"):
        table.add_column(column, no_wrap=column != "reason")
    for model in models:
        table.add_row(
            "champion" if model.is_champion else "",
            model.model_version,
            f"{model.trained_through:%Y-%m-%d %H:%M}",
            ", ".join(model.outcomes) or "-",
            escape(model.reason),
        )
    console.print(table)
    for move in succession(artefacts).history:
        now = move.champion or "nobody"
        console.print(escape(f"{move.at}  {move.how}: {now} serves. {move.reason}"))


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="A model that `trasos model list` shows.")],
    because: Because = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also where the gate refused it; wants --because.")
    ] = False,
) -> None:
    """Let a model serve from the next build on, whatever champion it lost to."""
    from trasos.recommender import gate

    _say(gate.promote(Settings.from_env().artefacts, version, because, force))


@app.command()
def rollback(because: Because = None) -> None:
    """Let the champion before serve again from the next build on."""
    from trasos.recommender import gate

    _say(gate.rollback(Settings.from_env().artefacts, because))


@app.command()
def card(
    version: Annotated[str, typer.Argument(help="A model that `trasos model list` shows.")],
) -> None:
    """Print what is on record of a model: data, parameters, figures, the gate's word, limits."""
    from rich.markdown import Markdown

    from trasos.recommender.reporting.card import model_card

    text = model_card(Settings.from_env().artefacts, version)
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        typer.echo(text, nl=False)


def _say(after: Succession) -> None:
    entry = after.history[-1]
    before = f", in place of {entry.before}" if entry.before else ""
    Console(soft_wrap=True).print(
        escape(f"{entry.champion} is the champion{before}: the next `dbt build` serves its lists.")
    )
