"""Folders on disk that are there wholly or not at all, checked whenever they are read."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trasos.errors import InputError, NotReadyError

MANIFEST = "manifest.json"


def write_folder(folder: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write files and their manifest beside the folder, then rename: all of it, or nothing.

    Where the folder is already there, another run was first with the same content, and stays.

    Args:
        folder: to be made; its parents too.
        files: name to content.
        about: what else the manifest says.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest: dict[str, Any] = {**about, "files": checksums}
    manifest["checksum"] = _checksum(manifest)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        contents = {**files, MANIFEST: json.dumps(manifest, indent=2, sort_keys=True).encode()}
        for name, content in contents.items():
            path = unfinished / name
            path.write_bytes(content)
            path.chmod(0o444)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / MANIFEST).exists():
                raise
    finally:
        if unfinished.exists():
            shutil.rmtree(unfinished)


def read_folder(folder: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Read a folder's files, holding each to its checksum.

    Returns:
        Content by name, and the manifest.

    Raises:
        NotReadyError: there is no such folder.
        InputError: a file is missing or is not what was written.
    """
    if not folder.exists():
        raise NotReadyError(f"No artefact {folder.name} in {folder.parent.name}/: train it first.")
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        checksums: dict[str, str] = manifest["files"]
        files = {name: (folder / name).read_bytes() for name in checksums}
        expected = manifest["checksum"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != checksums[name]:
            raise _damaged(folder, f"{name} is not what was written")
    if _checksum(manifest) != expected:
        raise _damaged(folder, f"{MANIFEST} is not what was written")
    return files, manifest


def _damaged(folder: Path, what: str) -> InputError:
    return InputError(
        f"Artefact {folder.name} is damaged ({what}): remove its folder and train it again."
    )


def _checksum(manifest: Mapping[str, Any]) -> str:
    """Of all that the manifest says, the checksums of the files among it."""
    said = {name: value for name, value in manifest.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
