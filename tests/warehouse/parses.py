"""dbt's parse of the project, made once for all homes: it takes most of the time of a small build.

dbt takes up a parse again where profile, variables and environment are the same, and paths are part
of them. So each home holds the project as links, and stands for itself by the same relative path.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
DBT = Path(sys.executable).parent / "dbt"

#: What dbt reads.
_PARTS = ("macros", "models", "python_models", "seeds", "tests/dbt")
_FILES = ("dbt_project.yml", "profiles.yml", "vars.yml")
_KEPT = ROOT / "build/parses"


def link_project(project: Path, home: Path) -> Path:
    """The dbt project as links in the folder ``project`` of a home."""
    folder = home / "project"
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    for part in (*_PARTS, *_FILES):
        if not (folder / part).is_symlink():
            (folder / part).symlink_to(project / part)
    return folder


def take_parse(target: Path, environment: Mapping[str, str]) -> None:
    """Put a parse of the repository's project, with its default variables, into a target folder.

    Only a parse of the very same files is taken, so that dbt has no change to find out about. It
    names a folder that lasts, for seeds are read where they were parsed.
    """
    if (target / "partial_parse.msgpack").exists():
        return
    home = _KEPT / _digest()
    kept = home / "target/partial_parse.msgpack"
    _KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(_KEPT / ".lock"):
        if not kept.exists():
            for earlier in _KEPT.glob("*/"):
                shutil.rmtree(earlier)
            (home / "warehouse").mkdir(parents=True)
            subprocess.run(
                [DBT, "--quiet", "--log-path", "../logs", "parse", "--target-path", "../target"],
                cwd=link_project(ROOT, home),
                env=dict(environment),
                capture_output=True,
                timeout=300,
            ).check_returncode()
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, target / kept.name)


@cache
def _digest() -> str:
    """Of all that dbt reads."""
    files = [file for part in _PARTS for file in sorted((ROOT / part).rglob("*"))]
    digest = hashlib.sha256()
    for file in (*files, *(ROOT / name for name in _FILES)):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(ROOT)}\n".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
