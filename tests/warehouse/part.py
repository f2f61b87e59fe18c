"""A part of the dbt project by itself, for tests that parse it anew: they save what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tests.warehouse.parses import ROOT

#: What every model may want.
_ALWAYS = (
    *("macros", "seeds", "models/docs.md", "tests/dbt/generic"),
    *("dbt_project.yml", "profiles.yml", "vars.yml"),
)
_REF = re.compile(r"ref\('(\w+)'\)")


def link_part(folder: Path, models: Iterable[str], project: Path = ROOT) -> Path:
    """Link some models into a project of their own, with what they refer to and their properties.

    Args:
        folder: where to; it is made.
        models: names; those whose names are put together by a macro have to be among them.
        project: out of which.

    Returns:
        The folder.
    """
    files = {file.stem: file for file in sorted((project / "models").rglob("*.sql"))}
    wanted: set[str] = set()
    open_ends = list(models)
    while open_ends:
        name = open_ends.pop()
        if name in wanted or name not in files:
            continue
        wanted.add(name)
        open_ends += _REF.findall(files[name].read_text(encoding="utf-8"))
    linked = {project / name for name in _ALWAYS}
    for name in wanted:
        linked |= {files[name], files[name].with_suffix(".yml")}
        linked.update(files[name].parent.glob("*__sources.yml"))
    for file in linked:
        link = folder / file.relative_to(project)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(file.resolve())
    return folder
