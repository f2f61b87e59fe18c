"""What a product looks like, as a few numbers: colour, texture and shape of its picture.

- Colour: a histogram in CIELAB, in which equal distances look about equally far apart.
- Texture: uniform local binary patterns (Ojala, Pietikäinen and Mäenpää 2002).
- Shape: histograms of oriented gradients (Dalal and Triggs 2005), coarse.

Pictures lie where the shop drops them, ``inbox/<source>/images/<product_id>.png``, which landing
leaves alone. They are read one at a time, and each content once: what was computed is kept by the
SHA-256 of the file, so that a picture that is replaced is described anew and one that a hundred
products share is described once.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2gray, rgb2lab
from skimage.feature import hog, local_binary_pattern

from trasos.errors import InputError
from trasos.recommender.arrays import Doubles, Floats
from trasos.recommender.data import Catalogue

LOGGER = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]

EDGE = 64
LAB_RANGES = ((0.0, 100.0), (-80.0, 80.0), (-80.0, 80.0))
LAB_BINS = (4, 6, 6)
NEIGHBOURS, RADIUS = 8, 1
ORIENTATIONS, CELL = 8, 16
N_FEATURES = 4 * 6 * 6 + NEIGHBOURS + 2 + ORIENTATIONS * (EDGE // CELL) ** 2
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
MOST_BYTES = 20_000_000
"""A larger file is no product picture; it is left out with a warning."""

VERSION = "1"
"""Raised whenever the same picture would give other numbers."""


def describe(pixels: Pixels) -> Floats:
    """A picture as numbers.

    Args:
        pixels: uint8 of shape (64, 64, 3), RGB.

    Returns:
        float32 of shape (282,): colour, texture and shape, each of length 1 / sqrt(3), so that the
        whole is of length one.
    """
    lab = rgb2lab(pixels).reshape(-1, 3)
    inside = np.clip(lab, [low for low, _ in LAB_RANGES], [high for _, high in LAB_RANGES])
    colour, _ = np.histogramdd(inside, bins=LAB_BINS, range=LAB_RANGES)
    # In whole steps, as the operator compares neighbours exactly.
    grey = np.round(rgb2gray(pixels) * 255).astype(np.uint8)
    patterns = local_binary_pattern(grey, NEIGHBOURS, RADIUS, method="uniform")
    texture, _ = np.histogram(patterns, bins=NEIGHBOURS + 2, range=(0, NEIGHBOURS + 2))
    shape = hog(grey, ORIENTATIONS, (CELL, CELL), cells_per_block=(1, 1))
    parts = [_unit(part) for part in (colour, texture, shape)]
    return np.asarray(np.concatenate(parts) / np.sqrt(3), np.float32)


def read_picture(path: Path) -> Pixels:
    """Read a picture at the size that is described; what is transparent becomes white.

    Raises:
        InputError: it is no picture, or far too large to be one of a product.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path.name} has more than {MOST_BYTES:,} bytes.")
    try:
        with Image.open(path) as picture:
            # A large JPEG is then decoded small, which bounds memory.
            picture.draft("RGB", (EDGE * 4, EDGE * 4))
            seen = picture.convert("RGBA").resize((EDGE, EDGE), Image.Resampling.BOX)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{path.name} cannot be read as a picture: {error}.") from error
    white = Image.new("RGBA", seen.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, seen).convert("RGB"), np.uint8)


@dataclass(frozen=True)
class PictureStore:
    """Numbers of all pictures ever described, by the SHA-256 of their files.

    Attributes:
        folder: where they are kept, such as ``artefacts/pictures``.
    """

    folder: Path

    @property
    def file(self) -> Path:
        """The one file; another version of ``describe`` has another."""
        return self.folder / f"described_v{VERSION}.parquet"

    def features(self, pictures: Path, catalogue: Catalogue) -> Floats:
        """Describe the products' pictures, those that are new to the store alone.

        Args:
            pictures: folder of files that are named by product; others are passed over.
            catalogue: products.

        Returns:
            float32 (n_products, 282); zero for products without a picture, or with one that cannot
            be read, of which the log tells. Of several the first by name counts.
        """
        known = self._read()
        n_known = len(known)
        values = np.zeros((catalogue.n_products, N_FEATURES), np.float32)
        code_of = {name: code for code, name in enumerate(catalogue.product_ids.to_pylist())}
        described: set[int] = set()
        # The folder is listed, and no path is made of a product's name.
        for path in sorted(pictures.iterdir()) if pictures.is_dir() else ():
            code = code_of.get(path.stem)
            if code is None or code in described or path.suffix.lower() not in SUFFIXES:
                continue
            try:
                checksum = _checksum(path)
                if checksum not in known:
                    known[checksum] = describe(read_picture(path))
            except InputError as error:
                LOGGER.warning("Picture left out: %s", error)
                continue
            values[code] = known[checksum]
            described.add(code)
        if len(known) > n_known:
            self._write(known)
        return values

    def _read(self) -> dict[str, Floats]:
        if not self.file.exists():
            return {}
        table = pq.read_table(self.file)
        flat = table["features"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        rows = flat.reshape(-1, N_FEATURES)
        return dict(zip(table["checksum"].to_pylist(), rows, strict=True))

    def _write(self, known: dict[str, Floats]) -> None:
        """Put the whole file in its place at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        checksums = sorted(known)
        flat = pa.array(np.concatenate([known[name] for name in checksums]))
        table = pa.table(
            {
                "checksum": checksums,
                "features": pa.FixedSizeListArray.from_arrays(flat, N_FEATURES),
            }
        )
        with tempfile.TemporaryDirectory(dir=self.folder) as unfinished:
            pq.write_table(table, Path(unfinished) / self.file.name)
            (Path(unfinished) / self.file.name).replace(self.file)


def _checksum(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path.name} has more than {MOST_BYTES:,} bytes.")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unit(values: NDArray[np.float64]) -> Doubles:
    flat = np.asarray(values, np.float64).ravel()
    length = np.sqrt(float(flat @ flat))
    return flat / length if length > 0 else flat
