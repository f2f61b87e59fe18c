"""The same answers worked out one by one, in plain Python, from the definition alone."""

from __future__ import annotations

import math

from trasos.recommender.sessions import SessionParams

Row = tuple[int, int, int]


def sessions_of(rows: list[Row]) -> list[list[int]]:
    """Products of each session by time, sessions by their ends, clicks in a row once."""
    names = {session for session, _, _ in rows}
    found = []
    for name in names:
        own = sorted((at, product) for session, product, at in rows if session == name)
        products = [product for _, product in own]
        once = [
            products[place]
            for place in range(len(products))
            if place == 0 or products[place] != products[place - 1]
        ]
        found.append((own[-1][0], name, once))
    return [products for _, _, products in sorted(found)]


def scores(
    sessions: list[list[int]], running: list[int], params: SessionParams
) -> dict[int, float]:
    """The score of every product that a neighbour or the reminder knows."""
    clues: list[int] = []
    for product in reversed(running):
        if product not in clues:
            clues.append(product)
    weight = {product: params.click_decay**recency for recency, product in enumerate(clues)}
    asked = [product for product in clues[: params.last_products] if product >= 0]
    likeness: dict[int, float] = {}
    latest: dict[int, int] = {}
    for product in asked:
        having = [number for number, items in enumerate(sessions) if product in items]
        for number in having[-params.sample :]:
            likeness[number] = likeness.get(number, 0.0) + weight[product]
            latest.setdefault(number, product)
    best = sorted(likeness, key=lambda number: (-round(likeness[number], 9), -number))
    found: dict[int, float] = {}
    for number in best[: params.neighbours]:
        items = sessions[number]
        shared = items.index(latest[number])
        for product in set(items) - {-1}:
            n_having = sum(product in other for other in sessions)
            gap = max(abs(items.index(product) - shared), 1) - 1
            found[product] = found.get(product, 0.0) + (
                likeness[number]
                * weight[latest[number]]
                * math.log(len(sessions) / n_having)
                * params.gap_decay**gap
            )
    others = [value for product, value in found.items() if product != clues[0]]
    top = max(others, default=0.0) or 1.0
    for product in clues[1:]:
        if product >= 0 and params.reminder:
            found[product] = found.get(product, 0.0) + params.reminder * weight[product] * top
    return found


def ranked(
    sessions: list[list[int]],
    running: list[int],
    params: SessionParams,
    n_products: int,
    n: int,
) -> list[int]:
    """The list, popular products at its end."""
    barred = {running[-1]} if params.repeats == "allowed" else set(running)
    found = scores(sessions, running, params)
    known = [product for product in found if product not in barred and found[product] > 0]
    known.sort(key=lambda product: (-round(found[product], 9), product))
    popular = sorted(
        range(n_products), key=lambda product: (-sum(product in s for s in sessions), product)
    )
    rest = [product for product in popular if product not in barred and product not in known]
    return (known + rest)[:n]
