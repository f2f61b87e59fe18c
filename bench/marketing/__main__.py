"""`python -m bench.marketing`: attribution of the shop in TRASOS_HOME beside its truth."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bench.marketing.truth import attribution_errors
from trasos.settings import Settings


def main() -> None:
    """Print the error of each model of attribution."""
    settings = Settings.from_env()
    table = Table(
        "model",
        "orders: share credited wrongly",
        "new customers: share credited wrongly",
        "likelihood given to the true channel",
    )
    for error in attribution_errors(settings.warehouse, settings.truth / "shop"):
        numbers = (error.orders, error.customers, error.likelihood)
        table.add_row(error.model, *(f"{number:.3f}" for number in numbers))
    Console().print(table)


if __name__ == "__main__":
    main()
