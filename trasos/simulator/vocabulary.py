"""The words and figures of the fashion trade that the catalogue is drawn from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One kind of garment in one department.

    Attributes:
        department: ``women``, ``men`` or ``kids``.
        name: the category, as lists and products name it.
        nouns: the words that end a product's name.
        materials: the words that begin it.
        price: typical price without tax, in currency units.
        weight: how large a part of the catalogue it is (relative).
        season_peak: day of the year (1..365) when it is wanted most.
        season_strength: amplitude of the yearly wave, on the log scale; 0 is all-season.
        sizes: sizes on offer, in order.
        silhouette: which shape the picture shows.
    """

    department: str
    name: str
    nouns: tuple[str, ...]
    materials: tuple[str, ...]
    price: float
    weight: float
    season_peak: int
    season_strength: float
    sizes: tuple[str, ...]
    silhouette: str


LETTERS = ("XS", "S", "M", "L", "XL")
KIDS = ("92", "104", "116", "128", "140")
SHOES = ("37", "38", "39", "40", "41", "42")
MEN_SHOES = ("41", "42", "43", "44", "45")
KIDS_SHOES = ("26", "28", "30", "32", "34")
WAIST = ("28", "30", "32", "34", "36")
ONE = ("One Size",)

SOFT = ("Cotton", "Linen", "Organic Cotton", "Modal")
WARM = ("Merino", "Lambswool", "Cashmere Blend", "Ribbed Wool")
FORMAL = ("Linen", "Viscose", "Wool Blend", "Crepe")
LEATHER = ("Leather", "Suede", "Canvas", "Grained Leather")
DENIM = ("Rinsed", "Stonewashed", "Raw Denim", "Stretch Denim")
OUTER = ("Wool", "Quilted", "Waxed Cotton", "Padded")
SWIM = ("Recycled", "Textured", "Smocked", "Ribbed")

CATEGORIES: tuple[Category, ...] = (
    Category("women", "Dresses", ("Wrap Dress", "Midi Dress", "Shirt Dress", "Slip Dress"),
             ("Linen", "Viscose", "Silk Blend", "Poplin"), 75, 1.5, 170, 0.7, LETTERS, "dress"),
    Category("women", "Tops", ("Tank Top", "Blouse", "Tee", "Boxy Shirt"), SOFT, 35, 1.4, 180, 0.3,
             LETTERS, "top"),
    Category("women", "Knitwear", ("Cardigan", "Crew Jumper", "Roll Neck", "Knit Vest"), WARM, 70,
             1.0, 350, 0.8, LETTERS, "knit"),
    Category("women", "Trousers", ("Wide Trousers", "Cropped Trousers", "Pleated Trousers"),
             FORMAL, 65, 0.9, 110, 0.1, LETTERS, "trousers"),
    Category("women", "Jeans", ("Straight Jeans", "Barrel Jeans", "Slim Jeans"), DENIM, 80, 0.8,
             280, 0.1, WAIST, "trousers"),
    Category("women", "Skirts", ("Midi Skirt", "Pleated Skirt", "Denim Skirt"), FORMAL, 50, 0.7,
             165, 0.5, LETTERS, "skirt"),
    Category("women", "Coats", ("Trench Coat", "Short Coat", "Puffer", "Blazer"), OUTER, 150, 0.7,
             320, 0.9, LETTERS, "coat"),
    Category("women", "Shoes", ("Loafers", "Ankle Boots", "Sandals", "Trainers"), LEATHER, 95, 1.1,
             130, 0.1, SHOES, "shoe"),
    Category("women", "Bags", ("Tote", "Shoulder Bag", "Crossbody Bag"), LEATHER, 90, 0.8, 150, 0.0,
             ONE, "bag"),
    Category("women", "Swimwear", ("Swimsuit", "Bikini Top", "Bikini Brief"), SWIM, 40, 0.5, 185,
             1.4, LETTERS, "swim"),
    Category("men", "Shirts", ("Oxford Shirt", "Camp Collar Shirt", "Overshirt"), SOFT, 55, 1.1,
             150, 0.2, LETTERS, "top"),
    Category("men", "T-Shirts", ("Tee", "Pocket Tee", "Polo"), SOFT, 28, 1.1, 180, 0.4, LETTERS,
             "top"),
    Category("men", "Knitwear", ("Crew Jumper", "Half-Zip Jumper", "Cardigan"), WARM, 70, 0.8, 350,
             0.8, LETTERS, "knit"),
    Category("men", "Trousers", ("Chinos", "Drawstring Trousers", "Tailored Trousers"), FORMAL, 65,
             0.9, 120, 0.1, WAIST, "trousers"),
    Category("men", "Jeans", ("Straight Jeans", "Tapered Jeans", "Slim Jeans"), DENIM, 80, 0.8,
             280, 0.1, WAIST, "trousers"),
    Category("men", "Coats", ("Field Jacket", "Parka", "Bomber", "Overcoat"), OUTER, 150, 0.7, 320,
             0.9, LETTERS, "coat"),
    Category("men", "Shoes", ("Derbies", "Trainers", "Desert Boots"), LEATHER, 105, 0.8, 120, 0.1,
             MEN_SHOES, "shoe"),
    Category("men", "Swimwear", ("Swim Shorts", "Swim Trunks"), SWIM, 38, 0.3, 185, 1.4, LETTERS,
             "shorts"),
    Category("kids", "Tops", ("Tee", "Sweatshirt", "Striped Top"), SOFT, 18, 0.6, 170, 0.2, KIDS,
             "top"),
    Category("kids", "Trousers", ("Joggers", "Dungarees", "Leggings"), SOFT, 24, 0.5, 100, 0.1,
             KIDS, "trousers"),
    Category("kids", "Dresses", ("Pinafore Dress", "Tee Dress"), SOFT, 28, 0.3, 170, 0.6, KIDS,
             "dress"),
    Category("kids", "Coats", ("Rain Jacket", "Puffer"), OUTER, 55, 0.4, 310, 0.8, KIDS, "coat"),
    Category("kids", "Shoes", ("Trainers", "Rain Boots", "Sandals"), LEATHER, 40, 0.4, 140, 0.1,
             KIDS_SHOES, "shoe"),
)  # fmt: skip

DEPARTMENTS = ("women", "men", "kids")
DEPARTMENT_SHARES = (0.56, 0.34, 0.10)

BRANDS = (
    "Aldermoor", "Brisanova", "Calvane", "Dunmere", "Elowen Row", "Fjordal", "Greyfen",
    "Halden Mill", "Isolde Lane", "Juniper Yard", "Kestrel Oak", "Lumarra", "Marrowby",
    "Nerine Studio", "Ostwick", "Pellworth", "Quillan", "Rosmere", "Saltmarsh Co", "Tindra",
    "Umbrel", "Veranova", "Wrenfield", "Yarrowby",
)  # fmt: skip

COLOURS: tuple[tuple[str, str], ...] = (
    ("Black", "#1d1d1f"), ("White", "#f4f2ec"), ("Navy", "#1f2d4d"), ("Sage", "#9caf88"),
    ("Sand", "#d8c3a5"), ("Rust", "#b7410e"), ("Burgundy", "#6d1a36"), ("Sky", "#8ab6d6"),
    ("Olive", "#6b6b3a"), ("Blush", "#e8b4b8"), ("Charcoal", "#41454c"), ("Mustard", "#d4a017"),
    ("Lilac", "#b9a7d6"), ("Ecru", "#e9e0c9"), ("Cobalt", "#1f4fbf"), ("Tomato", "#d8452e"),
)  # fmt: skip

PATTERNS = ("plain", "stripes", "dots", "checks")

COUNTRIES: tuple[tuple[str, float, str, tuple[str, ...]], ...] = (
    ("DE", 0.46, "de-DE", ("Berlin", "Hamburg", "Munich", "Cologne", "Leipzig")),
    ("AT", 0.10, "de-AT", ("Vienna", "Graz", "Linz")),
    ("CH", 0.08, "de-CH", ("Zurich", "Basel", "Bern")),
    ("NL", 0.12, "nl-NL", ("Amsterdam", "Utrecht", "Rotterdam")),
    ("FR", 0.14, "fr-FR", ("Paris", "Lyon", "Lille")),
    ("DK", 0.10, "da-DK", ("Copenhagen", "Aarhus")),
)

USER_AGENTS: dict[str, tuple[str, ...]] = {
    "mobile": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_3 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/19.3 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/146.0.0.0 Mobile Safari/537.36",
    ),
    "desktop": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/146.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/19.3 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0",
    ),
    "tablet": (
        "Mozilla/5.0 (iPad; CPU OS 19_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/19.3 Mobile/15E148 Safari/604.1",
    ),
}

CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)
