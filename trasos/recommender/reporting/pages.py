"""Markdown as one page of HTML that holds all it shows: no script, no other file, no network."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fff;
       max-width: 76rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: .8rem 0; font-size: .9rem; display: block;
        overflow-x: auto; }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem; text-align: left;
         vertical-align: top; font-variant-numeric: tabular-nums; }
th { border-bottom: 2px solid #888; }
code { font-size: .9em; background: #f3f3f3; padding: .05rem .25rem; }
"""


def to_html(title: str, markdown: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Render Markdown (CommonMark and tables) as a page; HTML within it is shown, not followed.

    Args:
        title: of the page.
        markdown: its text; a picture is named as a file, ``![what it shows](name.png)``.
        pictures: PNGs by name, which become part of the page.
    """
    # Imported here: of all that the recommender answers only pages want it.
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    for name, content in (pictures or {}).items():
        inline = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        body = body.replace(f'src="{name}"', f'src="{inline}"')
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    page = f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}</body></html>\n'
    return page.encode()


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; bars within cells are escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |\n"
        for line in lines
    )
