"""Do visits of one channel order more often than those of another, or is it chance?

Before money is moved between channels: a channel whose visits convert like all others has no
effect that attribution could find. Visits of a person are alike, so a plain chi-square test sees
differences that are not there; the standard errors here are clustered by person (Liang and Zeger,
"Longitudinal data analysis using generalized linear models", Biometrika 73(1), 1986).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2_contingency

from trasos.marketing.paths import Ints

LEAST_ORDERS = 10.0
"""Orders that a channel must expect to be tested alone.

Cochran's rule asks for 5; errors by person want more. With 1 expected, six of ten tests of
simulated shops without any effect cried wolf; with 10, one in twenty (``tests/marketing/``).
"""


@dataclass(frozen=True)
class ChannelTest:
    """A test of equal order rates in all channels.

    Attributes:
        status: ``tested``, or why it was not: ``fewer than two channels``, ``no orders``,
            ``only orders``, ``too few orders``, ``fewer persons than channels``.
        n_sessions: visits.
        n_persons: persons (clusters).
        n_channels: channels that have visits, those too small to be tested alone taken as one.
        chi_square: Pearson's statistic, visits taken as independent; NaN where not tested.
        chi_square_p: its p-value.
        wald: Wald statistic with errors clustered by person, in the same degrees of freedom.
        wald_p: its p-value.
        degrees_of_freedom: channels - 1.
        cramers_v: size of the effect, 0 (none) to 1.
    """

    status: str
    n_sessions: int
    n_persons: int
    n_channels: int
    chi_square: float = np.nan
    chi_square_p: float = np.nan
    wald: float = np.nan
    wald_p: float = np.nan
    degrees_of_freedom: int = 0
    cramers_v: float = np.nan


def channel_test(channel: Ints, person: Ints, ordered: np.ndarray) -> ChannelTest:
    """Test that all channels' visits order equally often.

    Args:
        channel: (sessions,) number of the channel.
        person: (sessions,) number of the person.
        ordered: (sessions,) bool, whether the visit ordered.

    Channels that expect fewer than ``LEAST_ORDERS`` orders are tested together.
    """
    # Imported here: it takes a second, and the rest of this package needs none of it.
    import statsmodels.api as sm

    ordered = np.asarray(ordered, dtype=bool)
    # Sums of errors follow the order of visits in their last digits: theirs is always the same.
    order = np.lexsort((ordered, channel, person))
    channel, person, ordered = channel[order], person[order], ordered[order]
    held, channel = np.unique(channel, return_inverse=True)
    clusters, person = np.unique(person, return_inverse=True)
    size = (len(ordered), len(clusters), len(held))
    if len(held) < 2:
        return ChannelTest("fewer than two channels", *size)
    if ordered.all() or not ordered.any():
        return ChannelTest("only orders" if ordered.all() else "no orders", *size)
    held, channel = np.unique(_pooled(channel, float(ordered.mean())), return_inverse=True)
    size = (len(ordered), len(clusters), len(held))
    if len(held) < 2:
        return ChannelTest("too few orders", *size)
    if len(clusters) <= len(held):
        return ChannelTest("fewer persons than channels", *size)
    table = np.stack(
        [np.bincount(channel[ordered == kind], minlength=len(held)) for kind in (0, 1)]
    )
    plain = chi2_contingency(table, correction=False)
    freedom = len(held) - 1
    # A column a channel but for the first: the test is that none of them differs from it.
    design = sm.add_constant((channel[:, None] == np.arange(1, len(held))).astype(np.float64))
    model = sm.OLS(ordered.astype(np.float64), design)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": person}, use_t=False)
    wald = fit.wald_test(np.eye(freedom + 1)[1:], use_f=False, scalar=True)
    return ChannelTest(
        "tested",
        *size,
        chi_square=float(plain.statistic),
        chi_square_p=float(plain.pvalue),
        wald=float(wald.statistic),
        wald_p=float(wald.pvalue),
        degrees_of_freedom=freedom,
        cramers_v=float(np.sqrt(plain.statistic / len(ordered))),
    )


def _pooled(channel: Ints, rate: float) -> Ints:
    """Number channels that expect too few orders alike, with the next larger one where need be."""
    expected = np.bincount(channel) * rate
    order = np.argsort(expected, kind="stable")
    small = int((expected < LEAST_ORDERS).sum())
    if small and expected[order[:small]].sum() < LEAST_ORDERS:
        small += 1
    label = np.arange(len(expected))
    label[order[:small]] = order[0]
    return label[channel]
