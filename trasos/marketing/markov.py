"""Attribution by a Markov chain: what would be lost without a channel, solved exactly.

The chain walks from a start over channels to one of two ends, an order or none; its transition
probabilities are those counted in the paths. A channel's **removal effect** is the share of the
probability of an order that goes when whoever reaches the channel ends without one (Anderl,
Becker, von Wangenheim and Schumann, "Mapping the customer journey", International Journal of
Research in Marketing 33(3), 2016). Packages draw random walks for it; a chain with two absorbing
ends has a linear system instead (Kemeny and Snell, "Finite Markov Chains", 1960, chapter 3).

In a chain of order k the state is the last k channels, and removing a channel takes away each
state that holds it. A path shorter than k is one state of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

from trasos.errors import ConfigurationError, InputError
from trasos.marketing.paths import Floats, Ints, Paths


@dataclass(frozen=True)
class MarkovEffects:
    """What the chain says of each channel.

    Attributes:
        channels: names of the channels.
        conversion_probability: P(order) of the whole chain; the share of paths that convert.
        without: (channels,) P(order) with the channel taken out.
        removal_effect: (channels,) 1 - without / conversion_probability; NaN where nothing
            converts, since nothing can be lost.
        share: (channels,) removal effects, normalised to add up to 1; NaN as above.
    """

    channels: tuple[str, ...]
    conversion_probability: float
    without: Floats
    removal_effect: Floats
    share: Floats

    def conversions(self, total: float) -> Floats:
        """Conversions (or their money) of each channel, (channels,), that add up to ``total``."""
        return self.share * total


@dataclass(frozen=True)
class Chain:
    """An absorbing chain; states are in the order of their codes.

    Attributes:
        start: (states,) probability of beginning in each state.
        transitions: (states, states) sparse, from row to column.
        converts: (states,) probability of an order as the next step.
        holds: (states, channels) bool, which channels a state holds.
    """

    start: Floats
    transitions: sp.csr_array
    converts: Floats
    holds: np.ndarray

    def conversion_probability(self, kept: np.ndarray | None = None) -> float:
        """P(order) from the start.

        Args:
            kept: (states,) bool; whoever reaches another state ends without an order.
        """
        rows = np.flatnonzero(np.ones(len(self.start), bool) if kept is None else kept)
        if not len(rows):
            return 0.0
        system = sp.eye_array(len(rows), format="csc") - self.transitions[rows][:, rows].tocsc()
        reached = spsolve(system, self.converts[rows])
        return float(self.start[rows] @ np.atleast_1d(reached))


def chain_of(paths: Paths, order: int = 1) -> Chain:
    """Count a chain's transitions.

    Args:
        paths: weighted paths, at least one.
        order: how many of the last channels make a state, from 1.

    Raises:
        ConfigurationError: ``order`` is below 1, or so large that states cannot be numbered.
        InputError: there are no paths.
    """
    if order < 1:
        raise ConfigurationError(f"Markov attribution: order is {order}; give 1 or more.")
    if not len(paths):
        raise InputError("Markov attribution: there are no paths to learn from.")
    base = len(paths.channels) + 1
    if base**order >= 2**62:
        raise ConfigurationError(
            f"Markov attribution: order {order} over {len(paths.channels)} channels has too many "
            "states; give a lower order."
        )
    state, begins, ends = _states(paths, order, base)
    codes, state = np.unique(state, return_inverse=True)
    weight = paths.conversions + paths.nulls
    of_state = np.repeat(weight, ends - begins)
    last = np.zeros(len(state), bool)
    last[ends - 1] = True
    inner = np.flatnonzero(~last)
    count = len(codes)
    left = np.bincount(state, weights=of_state, minlength=count)
    moves = sp.coo_array(
        (of_state[inner], (state[inner], state[inner + 1])), shape=(count, count)
    ).tocsr()
    converts = np.bincount(state[ends - 1], weights=paths.conversions, minlength=count)
    first = np.bincount(state[begins], weights=weight, minlength=count)
    digits = codes[:, None] // base ** np.arange(order) % base
    holds = (digits[:, :, None] == np.arange(1, base)).any(axis=1)
    return Chain(
        start=first / weight.sum(),
        transitions=(sp.diags_array(1 / left) @ moves).tocsr(),
        converts=converts / left,
        holds=holds,
    )


def _states(paths: Paths, order: int, base: int) -> tuple[Ints, Ints, Ints]:
    """The states that each path walks through, as numbers whose digits are channels plus one.

    Returns:
        The states, path after path; where each path's begin; where they end.
    """
    lengths = paths.lengths
    counts = np.maximum(lengths - order + 1, 1)
    ends = np.cumsum(counts)
    begins = ends - counts
    # The touch at which a state's window begins, and how many touches it holds.
    touch = np.repeat(paths.starts[:-1], counts) + np.arange(ends[-1]) - np.repeat(begins, counts)
    width = np.repeat(np.minimum(lengths, order), counts)
    state = np.zeros(ends[-1], dtype=np.int64)
    for place in range(order):
        held = place < width
        state[held] += (paths.steps[touch[held] + place] + 1) * base**place
    return state, begins, ends


def markov_effects(paths: Paths, order: int = 1) -> MarkovEffects:
    """Removal effects of all channels.

    Args:
        paths: weighted paths.
        order: how many of the last channels make a state.

    Raises:
        ConfigurationError: ``order`` is out of range.
        InputError: there are no paths.
    """
    chain = chain_of(paths, order)
    whole = chain.conversion_probability()
    without = np.array(
        [
            chain.conversion_probability(kept=~chain.holds[:, channel])
            for channel in range(len(paths.channels))
        ]
    )
    if whole > 0:
        # What rounding leaves of nothing is nothing.
        effect = np.clip(1 - without / whole, 0.0, 1.0)
        share = effect / effect.sum()
    else:
        effect = share = np.full(len(without), np.nan)
    return MarkovEffects(paths.channels, whole, without, effect, share)
