"""A dbt project whose models do nothing: what dbt itself costs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from bench.events.homes import ROOT, Home

PROJECT = {
    "name": "empty",
    "version": "1.0",
    "config-version": 2,
    "profile": "trasos",
    "flags": {"send_anonymous_usage_stats": False, "version_check": False},
}


def empty_project(folder: Path, kinds: Mapping[str, int]) -> Home:
    """Write a project with so many models (by materialisation), seeds and tests.

    Every model says ``select 1 as id``; tests find nothing. The profile is that of the house.

    Args:
        folder: of the project, which is made anew; its home lies in it.
        kinds: number of each of view, table, incremental, seed, test.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("models", "seeds", "tests", "home/warehouse"):
        (folder / name).mkdir(parents=True)
    # YAML takes JSON.
    (folder / "dbt_project.yml").write_text(json.dumps(PROJECT))
    shutil.copyfile(ROOT / "profiles.yml", folder / "profiles.yml")
    for kind in ("view", "table", "incremental"):
        for number in range(kinds.get(kind, 0)):
            file = folder / f"models/{kind}_{number}.sql"
            file.write_text(f"{{{{ config(materialized='{kind}') }}}}\nselect 1 as id\n")
    for number in range(kinds.get("seed", 0)):
        (folder / f"seeds/seed_{number}.csv").write_text("id\n1\n")
    models = sorted(path.stem for path in (folder / "models").glob("*.sql"))
    for number in range(kinds.get("test", 0)):
        model = models[number % len(models)]
        file = folder / f"tests/test_{number}.sql"
        file.write_text(f"select id from {{{{ ref('{model}') }}}} where id is null\n")
    return Home(folder / "home")
