"""A small picture of each product: the garment's outline in its colour and its brand's pattern."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from trasos.simulator.catalogue import Catalogue
from trasos.simulator.config import SimulationConfig
from trasos.simulator.vocabulary import CATEGORIES, COLOURS, PATTERNS

Polygon = tuple[tuple[float, float], ...]

BACKGROUND = (250, 249, 246)
OVERSAMPLING = 2

# Outlines on a unit square, x to the right and y down.
SILHOUETTES: dict[str, tuple[Polygon, ...]] = {
    "dress": (
        ((0.38, 0.08), (0.44, 0.16), (0.56, 0.16), (0.62, 0.08), (0.70, 0.14), (0.66, 0.30),
         (0.61, 0.42), (0.78, 0.92), (0.22, 0.92), (0.39, 0.42), (0.34, 0.30), (0.30, 0.14)),
    ),
    "top": (
        ((0.34, 0.16), (0.43, 0.22), (0.57, 0.22), (0.66, 0.16), (0.90, 0.34), (0.80, 0.48),
         (0.70, 0.41), (0.70, 0.84), (0.30, 0.84), (0.30, 0.41), (0.20, 0.48), (0.10, 0.34)),
    ),
    "knit": (
        ((0.36, 0.14), (0.43, 0.11), (0.57, 0.11), (0.64, 0.14), (0.78, 0.24), (0.90, 0.80),
         (0.78, 0.83), (0.70, 0.48), (0.71, 0.86), (0.29, 0.86), (0.30, 0.48), (0.22, 0.83),
         (0.10, 0.80), (0.22, 0.24)),
    ),
    "trousers": (
        ((0.32, 0.08), (0.68, 0.08), (0.74, 0.92), (0.56, 0.92), (0.50, 0.36), (0.44, 0.92),
         (0.26, 0.92)),
    ),
    "shorts": (
        ((0.26, 0.24), (0.74, 0.24), (0.84, 0.74), (0.55, 0.76), (0.50, 0.50), (0.45, 0.76),
         (0.16, 0.74)),
    ),
    "skirt": (((0.36, 0.16), (0.64, 0.16), (0.84, 0.84), (0.16, 0.84)),),
    "coat": (
        ((0.38, 0.08), (0.50, 0.22), (0.62, 0.08), (0.78, 0.18), (0.90, 0.66), (0.79, 0.69),
         (0.71, 0.42), (0.74, 0.94), (0.26, 0.94), (0.29, 0.42), (0.21, 0.69), (0.10, 0.66),
         (0.22, 0.18)),
    ),
    "shoe": (
        ((0.10, 0.34), (0.34, 0.34), (0.46, 0.52), (0.80, 0.60), (0.92, 0.72), (0.92, 0.80),
         (0.10, 0.80)),
    ),
    "bag": (
        ((0.18, 0.42), (0.82, 0.42), (0.88, 0.88), (0.12, 0.88)),
        ((0.34, 0.42), (0.38, 0.18), (0.62, 0.18), (0.66, 0.42), (0.60, 0.42), (0.57, 0.25),
         (0.43, 0.25), (0.40, 0.42)),
    ),
    "swim": (
        ((0.34, 0.10), (0.40, 0.10), (0.44, 0.30), (0.56, 0.30), (0.60, 0.10), (0.66, 0.10),
         (0.68, 0.36), (0.63, 0.52), (0.72, 0.74), (0.54, 0.88), (0.46, 0.88), (0.28, 0.74),
         (0.37, 0.52), (0.32, 0.36)),
    ),
}  # fmt: skip


def outline(silhouette: str, size: int) -> Image.Image:
    """The silhouette as a mask of ``size`` x ``size`` pixels with soft edges (mode ``L``)."""
    large = size * OVERSAMPLING
    mask = Image.new("L", (large, large), 0)
    pen = ImageDraw.Draw(mask)
    for polygon in SILHOUETTES[silhouette]:
        pen.polygon([(x * large, y * large) for x, y in polygon], fill=255)
    return mask.resize((size, size), Image.Resampling.BOX)


def pattern_mask(pattern: str, size: int) -> np.ndarray:
    """Where the pattern's second tone lies, shape (size, size), dtype bool."""
    rows, columns = np.mgrid[0:size, 0:size]
    step = max(size // 8, 2)
    if pattern == "stripes":
        mask: np.ndarray = (rows // (step // 2)) % 3 == 0
    elif pattern == "checks":
        mask = ((rows // step) + (columns // step)) % 2 == 0
    elif pattern == "dots":
        dy, dx = rows % step - step // 2, columns % step - step // 2
        mask = dy * dy + dx * dx <= (step // 4) ** 2 + 1
    else:
        mask = np.zeros((size, size), dtype=bool)
    return mask


def draw_product(silhouette: str, colour: str, pattern: str, size: int) -> Image.Image:
    """One product's picture.

    Args:
        silhouette: key of ``SILHOUETTES``.
        colour: ``#rrggbb``.
        pattern: one of ``PATTERNS``.
        size: edge in pixels.
    """
    tone = np.array(ImageColor.getrgb(colour)[:3], dtype=np.float64)
    # The second tone is lighter on dark cloth and darker on light cloth, so that it shows.
    target = 255.0 if tone.mean() < 110 else 0.0
    second = tone + 0.28 * (target - tone)
    cloth = np.where(pattern_mask(pattern, size)[:, :, None], second, tone)
    alpha = np.asarray(outline(silhouette, size), dtype=np.float64)[:, :, None] / 255
    # A border in the darker tone keeps white garments apart from the background.
    edge = (alpha > 0) & (np.roll(alpha, 2, 0) * np.roll(alpha, -2, 0) * np.roll(alpha, 2, 1) < 1)
    cloth = np.where(edge, 0.62 * tone, cloth)
    pixels = alpha * cloth + (1 - alpha) * np.array(BACKGROUND)
    return Image.fromarray(np.round(pixels).astype(np.uint8))


def write_images(config: SimulationConfig, catalogue: Catalogue, folder: Path) -> int:
    """Write ``<product_id>.png`` for every product; returns how many.

    Products that look alike share the same bytes, drawn once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[tuple[int, int, int], bytes] = {}
    keys = zip(
        catalogue.category.tolist(),
        catalogue.colour.tolist(),
        catalogue.pattern.tolist(),
        strict=True,
    )
    for name, key in zip(catalogue.product_ids, keys, strict=True):
        path = folder / f"{name}.png"
        if key not in drawn:
            category, colour, pattern = key
            picture = draw_product(
                CATEGORIES[category].silhouette,
                COLOURS[colour][1],
                PATTERNS[pattern],
                config.image_size,
            )
            picture.save(path, optimize=False)
            drawn[key] = path.read_bytes()
        else:
            path.write_bytes(drawn[key])
    return len(catalogue.product_ids)
