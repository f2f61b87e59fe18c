"""`trasos metrics`: what is measured, how it can be split, and the answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trasos.settings import Settings

app = typer.Typer(
    help="Ask the published copy for metrics, as they are defined beside the models.",
    no_args_is_help=True,
)

Manifest = Annotated[
    Path | None,
    typer.Option(help="dbt's semantic manifest; in DBT_TARGET_PATH or target/ where not said."),
]


def _manifest(given: Path | None) -> Path:
    return given or Path(os.environ.get("DBT_TARGET_PATH") or "target") / "semantic_manifest.json"


@app.command("list")
def list_metrics(
    metrics: Annotated[
        list[str] | None, typer.Argument(help="Say by what these can be split, together.")
    ] = None,
    manifest: Manifest = None,
) -> None:
    """List the metrics; or, for some of them, the dimensions by which they can be split."""
    from trasos.metrics import SemanticLayer

    layer = SemanticLayer(_manifest(manifest))
    if metrics:
        Console(soft_wrap=True).print("\n".join(layer.dimensions(metrics)), highlight=False)
        return
    table = Table("metric", "what it is")
    for metric in layer.metrics:
        table.add_row(escape(metric.name), escape(metric.description))
    Console().print(table)


@app.command()
def query(
    metrics: Annotated[list[str], typer.Argument(help="Names of metrics.")],
    by: Annotated[
        list[str] | None,
        typer.Option(help="A dimension, such as metric_time__month; may be repeated."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="A condition, such as \"{{ Dimension('session__channel') }} = 'email'\"."
        ),
    ] = None,
    order: Annotated[
        list[str] | None, typer.Option(help="A metric or dimension; -NAME turns it around.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Rows at most.", min=1)] = None,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV, for another program.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Show the SQL; ask nothing.")] = False,
    manifest: Manifest = None,
) -> None:
    """Answer a question from the newest publication, which is opened for reading only."""
    from trasos.metrics import Question, SemanticLayer
    from trasos.metrics.asking import ask

    layer = SemanticLayer(_manifest(manifest))
    asked = Question(
        tuple(metrics), tuple(by or ()), tuple(where or ()), tuple(order or by or ()), limit
    )
    statement = layer.sql(asked)
    if sql:
        typer.echo(statement)
        return
    answer = ask(Settings.from_env().published, statement)
    if csv:
        answer.write_csv(typer.get_text_stream("stdout"))
    else:
        Console().print(answer.table())
