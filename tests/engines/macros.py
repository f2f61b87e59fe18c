"""The project's macros, rendered without dbt: a stand-in for as much of it as they ask for.

dbt takes seconds to start and a warehouse to connect to; what a macro makes of its arguments needs
neither. The stand-in reads the real files, so what is tested is what dbt runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import yaml

ROOT = Path(__file__).resolve().parents[2]
DIALECT = ROOT / "macros/dialect"
VARS: dict[str, Any] = yaml.safe_load((ROOT / "vars.yml").read_text())["vars"]

# A macro's own name would hide, within its file, what is put around it here.
_DEFINITION = re.compile(r"(\{%-?\s*)(?:macro|test)\s+(\w+)\s*(?=\()")


class Returned(Exception):  # noqa: N818 - no error: how `return` leaves a macro
    """What a macro returns with `return(value)`."""

    def __init__(self, value: object) -> None:
        self.value = value


class Relation(str):
    """A table, as far as macros ask: its name, and whether it is what a unit test gives."""

    is_cte = False
    database = schema = "main"

    @property
    def identifier(self) -> str:
        return str(self)


class Macros:
    """The macros of macros/, as one engine sees them: `Macros("spark").epoch_us("moment")`.

    Args:
        engine: what comes before the double underscore in the implementations it prefers.
        context: what else the templates may name.
    """

    def __init__(self, engine: str, **context: object) -> None:
        self.engine = engine
        self.held: dict[str, Callable[..., Any]] = {}
        self.environment = jinja2.Environment(
            extensions=["jinja2.ext.do"],
            undefined=jinja2.StrictUndefined,
            autoescape=False,
        )
        self.environment.globals.update(
            {
                "return": self._return,
                "var": lambda name, default=None: VARS.get(name, default),
                "adapter": SimpleNamespace(dispatch=self._dispatch),
                "dbt": SimpleNamespace(
                    type_string=lambda: "string" if engine == "spark" else "varchar"
                ),
            }
            | context
        )
        self.load([*(ROOT / "macros").glob("*.sql"), *DIALECT.glob("*.sql")])

    def load(self, files: list[Path]) -> None:
        """Takes up the macros (and generic tests) that files define; they may call one another."""
        texts = [file.read_text() for file in files]
        for text in texts:
            for match in _DEFINITION.finditer(text):
                self.environment.globals.setdefault(match[2], self._calling(match[2]))
        for text in texts:
            template = _DEFINITION.sub(r"\1macro held__\2", text)
            template = re.sub(r"\{%(-?)\s*endtest\s*(-?)%\}", r"{%\1 endmacro \2%}", template)
            module = self.environment.from_string(template).make_module()
            for match in _DEFINITION.finditer(text):
                self.held[match[2]] = self._returning(getattr(module, f"held__{match[2]}"))

    def _calling(self, name: str) -> Callable[..., Any]:
        return lambda *arguments, **named: self.held[name](*arguments, **named)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        try:
            return self.held[name]
        except KeyError:
            raise AttributeError(f"macros/ has no macro {name}") from None

    def render(self, text: str, **context: object) -> str:
        return self.environment.from_string(text).render(**context)

    def _dispatch(self, name: str) -> Callable[..., Any]:
        own = f"{self.engine}__{name}"
        return self.held[own if own in self.held else f"default__{name}"]

    @staticmethod
    def _return(value: object) -> None:
        raise Returned(value)

    @staticmethod
    def _returning(macro: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: object, **named: object) -> Any:
            try:
                return macro(*arguments, **named)
            except Returned as returned:
                return returned.value

        return call


def dialect_macros() -> list[str]:
    """The macros below macros/dialect that models call: each has an implementation for DuckDB."""
    names = [
        match[2]
        for file in sorted(DIALECT.glob("*.sql"))
        for match in _DEFINITION.finditer(file.read_text())
    ]
    return [name for name in names if f"default__{name}" in names]
