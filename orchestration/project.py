"""The dbt project as Dagster sees it, and the folders of the shop."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject

from orchestration.lib.engine import DUCKDB, engine, has_session
from trasos.engines.session import REMOTE
from trasos.project import run_dbt
from trasos.settings import Settings

ROOT = Path(__file__).resolve().parent.parent

# One process at a time opens the warehouse: every asset that does so is in this pool, and
# dagster.yaml gives it one slot. A pool counts across runs; max_concurrent only within one.
WAREHOUSE_POOL = "duckdb_writer"


def settings() -> Settings:
    """The shop's folders: ``TRASOS_HOME``, by default the root of the repository.

    Where Spark builds, DuckDB's file is another one: it holds what was brought over, and must not
    be taken for one whose events DuckDB numbered itself.
    """
    os.environ.setdefault("TRASOS_HOME", str(ROOT))
    if engine() != DUCKDB:
        os.environ.setdefault("TRASOS_WAREHOUSE", str(Settings.from_env().brought))
        # Spark would bind to the address of the network.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    if engine() == "spark_connect":
        # As profiles.yml has it: the training goes where the models are built.
        os.environ.setdefault(REMOTE, "sc://127.0.0.1:15002")
    folders = Settings.from_env()
    # dbt makes the warehouse's file, not its folder.
    folders.warehouse.parent.mkdir(parents=True, exist_ok=True)
    return folders


def source() -> str:
    """The source that this deployment takes in: ``TRASOS_SOURCE``, by default ``shop``."""
    return os.environ.get("TRASOS_SOURCE") or "shop"


def project_vars() -> list[str]:
    """The dbt arguments that say what is not the project's default: the source, who learns."""
    given: dict[str, Any] = {}
    if source() != "shop":
        given |= {"event_sources": [source()], "table_sources": [source()]}
    if has_session():
        given |= {"als_solver": "spark", "sql_engine": "spark"}
    return ["--vars", json.dumps(given)] if given else []


@cache
def dbt_project() -> DbtProject:
    """The project; its target folder is the shop's own, so that two shops do not mix."""
    home = settings().home
    target = Path("target") if home == ROOT else home / "target"
    return DbtProject(project_dir=ROOT, profiles_dir=ROOT, target_path=target)


def dbt_resource() -> DbtCliResource:
    """What runs dbt: the one beside this Python, whether or not it is on the PATH."""
    return DbtCliResource(
        project_dir=dbt_project(), dbt_executable=str(Path(sys.executable).parent / "dbt")
    )


@cache
def manifest_path() -> Path:
    """The manifest of the project as it is now: dbt parses only what has changed.

    Parsed here and not by ``prepare_if_dev``, which cannot pass the vars that name the source, nor
    by dagster-dbt, which would load dbt into this process as well.

    Raises:
        dg.Failure: dbt cannot parse the project, with what it said.
    """
    project = dbt_project()
    folders = {
        "--target-path": project.project_dir / project.target_path,
        "--log-path": settings().home / "logs",
    }
    told = [part for option, folder in folders.items() for part in (option, str(folder))]
    if said := run_dbt(ROOT, ["parse", *project_vars(), *told]):
        raise dg.Failure(f"dbt cannot parse the project: {said}")
    return project.manifest_path


def manifest() -> Mapping[str, Any]:
    """The manifest, read."""
    content: Mapping[str, Any] = json.loads(manifest_path().read_text(encoding="utf-8"))
    return content
