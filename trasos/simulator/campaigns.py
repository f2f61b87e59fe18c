"""The ways people find the shop, what each costs, and how much readier to buy each makes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from trasos.simulator.catalogue import Ints
from trasos.simulator.config import SimulationConfig


@dataclass(frozen=True)
class Channel:
    """One way into the shop.

    Attributes:
        name: the channel.
        acquisition: share of people whose first session comes this way.
        returning: share of later sessions that come this way.
        conversion: multiplies P(order | checkout); the truth that attribution looks for.
        referrer: referring page of the landing, empty where there is none.
    """

    name: str
    acquisition: float
    returning: float
    conversion: float
    referrer: str


@dataclass(frozen=True)
class Campaign:
    """One campaign, as UTM parameters name it.

    Attributes:
        name: ``utm_campaign``.
        channel: name of the channel.
        source: ``utm_source``.
        medium: ``utm_medium``.
        weight: share within its channel while it runs (relative).
        cents_per_click: cost of one click.
        click_rate: clicks per impression.
        runs: part of the period in which it runs, as shares of the period.
    """

    name: str
    channel: str
    source: str
    medium: str
    weight: float
    cents_per_click: int
    click_rate: float
    runs: tuple[float, float] = (0.0, 1.0)


CHANNELS: tuple[Channel, ...] = (
    Channel("organic", 0.24, 0.20, 1.00, "https://www.google.com/"),
    Channel("direct", 0.12, 0.36, 1.15, ""),
    Channel("search", 0.24, 0.13, 1.20, "https://www.google.com/"),
    Channel("social", 0.22, 0.10, 0.70, "https://www.instagram.com/"),
    Channel("email", 0.00, 0.14, 1.40, ""),
    Channel("display", 0.11, 0.04, 0.55, "https://news.example/"),
    Channel("referral", 0.07, 0.03, 0.90, "https://style-blog.example/"),
)

CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign("brand_search", "search", "google", "cpc", 0.4, 22, 0.11),
    Campaign("generic_search", "search", "google", "cpc", 0.6, 64, 0.035),
    Campaign("new_season", "social", "instagram", "paid_social", 0.7, 41, 0.012),
    Campaign("summer_drop", "social", "tiktok", "paid_social", 1.2, 33, 0.010, (0.5, 1.0)),
    Campaign("weekly_newsletter", "email", "newsletter", "email", 0.8, 2, 0.03),
    Campaign("mid_season_sale", "email", "newsletter", "email", 1.0, 2, 0.04, (0.6, 0.8)),
    Campaign("prospecting", "display", "display_network", "display", 0.5, 38, 0.003),
    Campaign("retargeting", "display", "display_network", "display", 0.5, 52, 0.006),
    Campaign("style_blogs", "referral", "style-blog", "referral", 1.0, 18, 0.02),
)

CHANNEL_NAMES = tuple(channel.name for channel in CHANNELS)


def draw_campaigns(rng: np.random.Generator, channel: Ints, day: Ints, days: int) -> Ints:
    """The campaign behind each session, or -1 for channels that have none.

    Args:
        rng: source of chance.
        channel: (sessions,) index into ``CHANNELS``.
        day: (sessions,) day of the period, 0-based.
        days: length of the period.
    """
    elapsed = (day + 0.5) / days
    luck = rng.random(len(channel))
    chosen = np.full(len(channel), -1)
    for number, name in enumerate(CHANNEL_NAMES):
        options = [k for k, campaign in enumerate(CAMPAIGNS) if campaign.channel == name]
        if not options:
            continue
        rows = np.flatnonzero(channel == number)
        weights = np.stack(
            [
                np.where(
                    (elapsed[rows] >= CAMPAIGNS[k].runs[0])
                    & (elapsed[rows] < CAMPAIGNS[k].runs[1]),
                    CAMPAIGNS[k].weight,
                    0.0,
                )
                for k in options
            ],
            axis=1,
        )
        bounds = np.cumsum(weights, axis=1)
        pick = (luck[rows, None] * bounds[:, -1:] >= bounds).sum(axis=1)
        chosen[rows] = np.array(options)[np.minimum(pick, len(options) - 1)]
    return chosen


def spend_table(config: SimulationConfig, campaign: Ints, day: Ints) -> pa.Table:
    """Spend by day and campaign: paid clicks are the sessions it brought and some that bounced.

    Args:
        config: the shop.
        campaign: (sessions,) index into ``CAMPAIGNS`` or -1.
        day: (sessions,) day of the period, 0-based.
    """
    rng = config.stream("spend")
    counts = np.zeros((config.days, len(CAMPAIGNS)), dtype=np.int64)
    paid = campaign >= 0
    np.add.at(counts, (day[paid], campaign[paid]), 1)
    clicks = counts + rng.poisson(0.12 * counts + 0.2)
    noise = rng.lognormal(0, 0.15, counts.shape)
    columns: dict[str, list[object]] = {
        name: []
        for name in (
            "spend_date", "channel", "campaign", "amount", "currency", "impressions", "clicks",
        )
    }  # fmt: skip
    for d in range(config.days):
        for k, item in enumerate(CAMPAIGNS):
            if not item.runs[0] <= (d + 0.5) / config.days < item.runs[1]:
                continue
            cents = int(clicks[d, k] * item.cents_per_click * noise[d, k])
            row = (
                config.start_date + timedelta(days=d),
                item.channel,
                item.name,
                Decimal(cents).scaleb(-2),
                config.currency,
                int(clicks[d, k] / item.click_rate),
                int(clicks[d, k]),
            )
            for values, value in zip(columns.values(), row, strict=True):
                values.append(value)
    return pa.table(
        columns,
        schema=pa.schema(
            [
                ("spend_date", pa.date32()),
                ("channel", pa.string()),
                ("campaign", pa.string()),
                ("amount", pa.decimal128(12, 2)),
                ("currency", pa.string()),
                ("impressions", pa.int64()),
                ("clicks", pa.int64()),
            ]
        ),
    )
