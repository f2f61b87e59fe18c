"""`trasos experiment`: trying configurations of the recommender, and planning tests on people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from trasos.cli_experiment_plan import plan
from trasos.settings import Settings

if TYPE_CHECKING:
    from trasos.model_runs.experiment import Experiment, SearchParams
    from trasos.model_runs.records import Kept
    from trasos.model_runs.space import Space
    from trasos.model_runs.tracking import Tracker

app = typer.Typer(
    help="Try configurations of the recommender on past days; plan experiments on people.",
    no_args_is_help=True,
)
MODELS, PEOPLE = "On models, with past days", "On people, in the shop"


@app.command(rich_help_panel=MODELS)
def run(
    name: Annotated[str, typer.Argument(help="Of the experiment; the same name goes on with it.")],
    space: Annotated[
        Path | None, typer.Option(help="YAML or TOML: parameters with values or ranges to try.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter to change; may be repeated."),
    ] = None,
    trials: Annotated[int | None, typer.Option(help="Configurations to try; 20.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of the search; the same tries the same.")
    ] = None,
    metric: Annotated[str, typer.Option(help="What is maximised.")] = "ndcg@10",
    slice_name: Annotated[str, typer.Option("--slice", help="On whose persons.")] = "warm",
    test: Annotated[
        bool, typer.Option("--test", help="Look at the test days, once, with the best.")
    ] = False,
) -> None:
    """Try configurations on the validation days; each is kept as a run.

    The first run is the base: the parameters of the model that serves. Data are those of the newest
    publication. The same call again computes nothing twice; with MLFLOW_TRACKING_URI set, runs go
    to MLflow too.
    """
    from trasos.errors import ConfigurationError
    from trasos.model_runs.experiment import Experiment, SearchParams
    from trasos.model_runs.objective import Objective
    from trasos.model_runs.reading import base_params, published_data
    from trasos.model_runs.space import Space
    from trasos.model_runs.tracking import tracker_from_env

    folders = Settings.from_env()
    given = {"trials": trials, "seed": seed}
    search = SearchParams.from_mapping(given)
    wanted = Space.read(space, settings or []) if space or settings else Space({}, {})
    if not wanted.dimensions and (trials is not None or seed is not None):
        raise ConfigurationError(
            "--trials and --seed search a space, and there is none: give --space and a file that "
            "names parameters with lists or ranges."
        )
    objective = Objective.parse(metric, slice_name)
    tracker = tracker_from_env()
    base, champion = base_params(folders.artefacts)
    console = Console(soft_wrap=True)
    console.print(
        f"The base is {f'what serves, {champion}' if champion else 'the defaults: nobody serves'}."
    )
    with Console(stderr=True).status("Reading the publication"):
        log, catalogue = published_data(folders.published)
    experiment = Experiment(name, log, catalogue, base, folders.artefacts, objective)
    kept = _searched(experiment, wanted, search)
    _show(experiment, kept, tracker, console)
    if test:
        _look(experiment, console, tracker)


def _searched(experiment: Experiment, space: Space, search: SearchParams) -> list[Kept]:
    """Run with a bar that says what the last run and the best came to."""
    from dataclasses import replace

    total = 1 + (search.trials if space.dimensions else int(bool(space.fixed)))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}", style="dim"),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("Trying", total=total, what="the base")
        best = float("-inf")

        def tell(kept: Kept, was_there: bool) -> None:
            nonlocal best
            figure = kept.figure(experiment.objective)
            best = max(best, figure["value"]) if figure else best
            said = f"{figure['value']:.4f}" if figure else "failed"
            found = " (was there)" if was_there else ""
            bar.update(task, advance=1, what=f"{kept.run.run_id} {said}{found}, best {best:.4f}")

        return replace(experiment, tell=tell).run(space, search)


def _show(
    experiment: Experiment, kept: list[Kept], tracker: Tracker | None, console: Console
) -> None:
    from trasos.errors import NotReadyError
    from trasos.model_runs.pictures import keep_picture, runs_plot
    from trasos.model_runs.tables import changed, runs_tables

    def rank(one: Kept) -> tuple[float, int]:
        figure = one.figure(experiment.objective)
        return (float("inf") if figure is None else -figure["value"], one.run.number)

    console.print(runs_tables(sorted(kept, key=rank), experiment.objective))
    picture = runs_plot(kept, experiment.objective)
    path = keep_picture(experiment.artefacts, experiment.name, picture)
    console.print(f"Picture: {escape(str(path))}")
    try:
        best = experiment.best()
    except NotReadyError:
        raise NotReadyError(
            f"Every run failed: {kept[0].run.error} Nothing was lost, each is recorded."
        ) from None
    console.print(f"Best on the validation days: {best.run.run_id} ({escape(changed(best))}).")
    if tracker is not None:
        with Console(stderr=True).status("Telling MLflow"):
            sent = tracker.send(kept)
            model = tracker.send_model(experiment, best, picture)
        console.print(
            f"MLflow at {escape(tracker.uri)} has {sent} new run(s); model {escape(model)}"
        )


def _look(experiment: Experiment, console: Console, tracker: Tracker | None) -> None:
    """Judge the base and the best on the test, and say whether they differ there."""
    from trasos.model_runs.compare import compare
    from trasos.model_runs.tables import comparison_tables, runs_tables

    best = experiment.best()
    with Console(stderr=True).status("Looking at the test days"):
        kept = experiment.test(best)
    console.print(runs_tables(kept, experiment.objective))
    if tracker is not None:
        tracker.send(kept)
    looks = experiment.looks()
    console.print(f"{looks} configuration(s) were judged on the test days of this data so far.")
    if len(kept) == 1:
        console.print(
            "The best on the validation days is the base itself: there is nothing to gain."
        )
        return
    ours, theirs = kept[1].run.run_id, kept[0].run.run_id
    console.print(comparison_tables(compare(experiment.artefacts, ours, theirs)))


@app.command("list", rich_help_panel=MODELS)
def list_runs(
    name: Annotated[str | None, typer.Argument(help="Of one experiment; all otherwise.")] = None,
) -> None:
    """List the runs that are kept, with figures, costs, and why some failed."""
    from trasos.model_runs.records import kept_runs
    from trasos.model_runs.tables import runs_tables

    artefacts = Settings.from_env().artefacts
    console = Console(soft_wrap=True)
    runs = kept_runs(artefacts, name)
    if not runs:
        whose = f"of {name} " if name else ""
        console.print(escape(f"No run {whose}is kept in {artefacts}: `trasos experiment run`."))
        return
    console.print(runs_tables(runs))


@app.command(rich_help_panel=MODELS)
def compare(
    ours: Annotated[str, typer.Argument(metavar="A", help="A run, as `list` shows it.")],
    theirs: Annotated[str, typer.Argument(metavar="B", help="Another one on the same days.")],
) -> None:
    """Say what two runs differ by, on the same persons, and whether that is a difference at all."""
    from trasos.model_runs.compare import compare
    from trasos.model_runs.tables import comparison_tables

    found = compare(Settings.from_env().artefacts, ours, theirs)
    Console(soft_wrap=True).print(comparison_tables(found))


app.command(rich_help_panel=PEOPLE)(plan)
