"""Pictures as numbers: alike where they look alike, computed once a content, bounded."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from tests.recommender.factory import products_table
from trasos.errors import InputError
from trasos.recommender.content import pictures as module
from trasos.recommender.content.pictures import N_FEATURES, PictureStore, describe, read_picture
from trasos.recommender.data import Catalogue
from trasos.simulator.images import draw_product


def numbers(silhouette: str, colour: str, pattern: str, folder: Path) -> np.ndarray:
    path = folder / f"{silhouette}{colour[1:]}{pattern}.png"
    draw_product(silhouette, colour, pattern, 96).save(path)
    return describe(read_picture(path))


def test_colour_texture_and_shape_each_tell_apart(tmp_path: Path) -> None:
    red = numbers("dress", "#b02a30", "plain", tmp_path)
    blue = numbers("dress", "#1f3a68", "plain", tmp_path)
    checked = numbers("dress", "#b02a30", "checks", tmp_path)
    shoe = numbers("shoe", "#b02a30", "plain", tmp_path)
    assert red.dtype == np.float32 and red.shape == (N_FEATURES,) == (282,)
    assert float(red @ red) == pytest.approx(1, abs=1e-5)
    colour, texture, shape = slice(0, 144), slice(144, 154), slice(154, None)

    def alike(one: np.ndarray, other: np.ndarray, part: slice) -> float:
        return float(3 * one[part] @ other[part])

    # The background is the same everywhere, so what differs is what the garment covers.
    assert alike(red, blue, colour) < alike(red, checked, colour)
    assert alike(red, blue, shape) > 0.95 > alike(red, shoe, shape)
    assert alike(red, checked, texture) < alike(red, blue, texture)


def catalogue(n: int = 6) -> Catalogue:
    return Catalogue.from_arrow(products_table(n))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of four products of six, two of them alike, among other files."""
    drop = tmp_path / "images"
    drop.mkdir()
    red, blue = (draw_product("bag", colour, "dots", 48) for colour in ("#b02a30", "#1f3a68"))
    for code, picture in enumerate((red, red, blue)):
        picture.save(drop / f"p{code:05d}.png")
    blue.convert("RGB").save(drop / "p00003.jpg", quality=95)
    blue.save(drop / "not a product.png")
    (drop / "p00004.txt").write_text("a note")
    return drop


def test_a_picture_is_described_once_whatever_its_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(pixels: module.Pixels) -> np.ndarray:
        asked.append(1)
        return describe(pixels)

    monkeypatch.setattr(module, "describe", counted)
    store = PictureStore(tmp_path / "artefacts" / "pictures")
    found = store.features(folder, catalogue())
    assert len(asked) == 3
    assert (found[0] == found[1]).all() and (found[0] != found[2]).any()
    assert not found[4:].any() and found[3] @ found[2] > found[3] @ found[0]
    again = store.features(folder, catalogue())
    assert again.tobytes() == found.tobytes() and len(asked) == 3
    draw_product("bag", "#2f6b4f", "dots", 48).save(folder / "p00000.png")
    changed = store.features(folder, catalogue())
    assert len(asked) == 4 and (changed[0] != found[0]).any()
    assert changed[1:].tobytes() == found[1:].tobytes()
    assert [path.name for path in store.folder.iterdir()] == [store.file.name]


def test_what_is_no_picture_is_left_out_with_a_word(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "p00004.png").write_bytes(b"\x89PNG broken")
    (folder / "p00005.png").write_bytes(b"x" * 2000)
    monkeypatch.setattr(module, "MOST_BYTES", 1999)
    with caplog.at_level(logging.WARNING):
        found = PictureStore(tmp_path / "kept").features(folder, catalogue())
    assert not found[4:].any() and found[2].any()
    assert "p00004.png cannot be read" in caplog.text and "p00005.png has more" in caplog.text
    with pytest.raises(InputError, match="has more than"):
        read_picture(folder / "p00005.png")


def test_no_folder_and_no_pictures_are_no_fault(tmp_path: Path) -> None:
    found = PictureStore(tmp_path / "kept").features(tmp_path / "nowhere", catalogue())
    assert found.shape == (6, N_FEATURES) and not found.any()
    assert not (tmp_path / "kept").exists()
