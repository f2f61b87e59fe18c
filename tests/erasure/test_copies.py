"""What of models, cards and experiments an erasure takes."""

from __future__ import annotations

import pytest

from trasos.erasure import copies
from trasos.settings import Settings


def test_what_persons_got_goes_and_what_names_nobody_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (
        "new",
        "old",
        "evaluations/new",
        "evaluations/old",
        "decisions/old",
        "cards/new",
        "cards/old",
        "runs/tried/001",
        "run_values/tried/001",
    ):
        folder = settings.artefacts / place
        folder.mkdir(parents=True)
        (folder / "content").write_bytes(b"x")
    monkeypatch.setattr(copies, "model_versions", lambda _: {"new"})
    copies.drop(copies.old_models(settings))
    left = {
        str(path.parent.relative_to(settings.artefacts))
        for path in settings.artefacts.rglob("content")
    }
    assert left == {"new", "evaluations/new", "cards/new", "runs/tried/001"}
