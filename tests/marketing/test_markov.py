from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.marketing.data import published_paths, published_rows, wants_paths
from trasos.errors import ConfigurationError, InputError
from trasos.marketing import Paths, markov_effects, paths_of_texts
from trasos.marketing.markov import chain_of

CHANNELS = ("direct", "email", "search", "social")
PATHS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=5).map(tuple),
        st.integers(0, 4),
        st.integers(0, 9),
    ).filter(lambda path: path[1] + path[2] > 0),
    min_size=1,
    max_size=12,
)


def paths_from(rows: list[tuple[tuple[str, ...], int, int]]) -> Paths:
    return paths_of_texts(
        [" > ".join(steps) for steps, _, _ in rows],
        [conversions for _, conversions, _ in rows],
        [nulls for _, _, nulls in rows],
    )


def walked(rows: list[tuple[tuple[str, ...], int, int]], order: int, gone: str | None) -> float:
    """P(order) by walking probability through the chain step by step: slow, and without algebra."""
    counts: dict[tuple[str, ...], dict[object, float]] = {}
    for steps, conversions, nulls in rows:
        states: list[tuple[str, ...]] = [
            steps[at : at + order] for at in range(max(len(steps) - order + 1, 1))
        ]
        for state, after in zip([(), *states], states, strict=False):
            into = counts.setdefault(state, {})
            into[after] = into.get(after, 0) + conversions + nulls
        into = counts.setdefault(states[-1], {})
        into["order"] = into.get("order", 0) + conversions
        into["none"] = into.get("none", 0) + nulls
    here: dict[tuple[str, ...], float] = {(): 1.0}
    ordered = 0.0
    for _ in range(4_000):
        there: dict[tuple[str, ...], float] = {}
        for state, mass in here.items():
            total = sum(counts[state].values())
            for after, count in counts[state].items():
                part = mass * count / total
                if after == "order":
                    ordered += part
                elif isinstance(after, tuple) and gone not in after:
                    there[after] = there.get(after, 0) + part
        here = there
    return ordered


@wants_paths
def test_removal_effects_of_the_published_paths_are_exact() -> None:
    effects = markov_effects(published_paths())
    assert effects.conversion_probability == pytest.approx(19_785 / 88_387, abs=1e-12)
    expected = {
        row["channel_name"]: row for row in published_rows("markov_order1_exact_vs_package.csv")
    }
    assert sorted(expected) == sorted(effects.channels)
    conversions = effects.conversions(19_785)
    for name, effect, credited in zip(
        effects.channels, effects.removal_effect, conversions, strict=True
    ):
        assert effect == pytest.approx(float(expected[name]["exact_removal_effect"]), abs=1e-6)
        assert credited == pytest.approx(float(expected[name]["exact_conversions"]), abs=1e-2)


@wants_paths
@pytest.mark.parametrize("order", [1, 2])
def test_the_package_draws_what_is_solved_here(order: int) -> None:
    """It simulates to within 5 % of the larger channels, and of the transitions to rounding."""
    paths = published_paths()
    effects = dict(zip(paths.channels, markov_effects(paths, order).removal_effect, strict=True))
    for row in published_rows(f"expected_markov_order{order}_removal_effects.csv"):
        drawn = float(row["removal_effects_conversion"])
        if drawn > 0.1:
            assert effects[row["channel_name"]] == pytest.approx(drawn, rel=0.05)


@wants_paths
def test_transitions_are_those_of_the_package() -> None:
    paths = published_paths()
    chain = chain_of(paths)
    # The package numbers channels by their first appearance, and leaves out staying where one is.
    numbers = [row["channel_name"] for row in published_rows("expected_heuristic_models.csv")]
    state = {str(n): paths.channels.index(name) for n, name in enumerate(numbers, 1)}
    compared = 0
    for row in published_rows("expected_markov_order1_transition_matrix.csv"):
        begin, end = row["channel_from"], row["channel_to"]
        at = state.get(begin)
        leaves = 1.0 if at is None else 1 - chain.transitions[at, at]
        if at is None:
            ours = chain.start[state[end]]
        elif end in state:
            ours = chain.transitions[at, state[end]]
        elif end == "(conversion)":
            ours = chain.converts[at]
        else:
            continue
        assert ours / leaves == pytest.approx(float(row["transition_probability"]), abs=1e-9)
        compared += 1
    assert compared > 100


@settings(max_examples=25, deadline=None)
@given(rows=PATHS, order=st.integers(1, 3))
def test_solving_is_walking(rows: list[tuple[tuple[str, ...], int, int]], order: int) -> None:
    paths = paths_from(rows)
    effects = markov_effects(paths, order)
    whole = sum(conversions for _, conversions, _ in rows)
    total = sum(conversions + nulls for _, conversions, nulls in rows)
    assert effects.conversion_probability == pytest.approx(whole / total, abs=1e-9)
    if whole == 0:
        assert np.isnan(effects.removal_effect).all()
        return
    for name, without in zip(paths.channels, effects.without, strict=True):
        assert without == pytest.approx(walked(rows, order, gone=name), abs=1e-6)
    assert effects.share.sum() == pytest.approx(1)
    assert ((effects.removal_effect >= 0) & (effects.removal_effect <= 1)).all()


def test_a_channel_on_every_order_takes_all_with_it() -> None:
    paths = paths_of_texts(["email > search", "search", "social"], [1, 1, 0], [0, 3, 5])
    effects = dict(zip(paths.channels, markov_effects(paths).removal_effect, strict=True))
    assert effects["search"] == pytest.approx(1)
    assert effects["social"] == 0


def test_what_cannot_be_answered_says_so() -> None:
    with pytest.raises(ConfigurationError, match="order is 0"):
        markov_effects(paths_of_texts(["a"], [1], [1]), 0)
    with pytest.raises(ConfigurationError, match="too many states"):
        markov_effects(paths_of_texts(["a"], [1], [1]), 80)
    with pytest.raises(InputError, match="no paths"):
        markov_effects(paths_of_texts([], [], []))
    with pytest.raises(InputError, match="Path 1 has no touch"):
        paths_of_texts(["a", ""], [1, 1], [0, 0])
    with pytest.raises(InputError, match="Path 0 has neither"):
        paths_of_texts(["a"], [0], [0])
    with pytest.raises(InputError, match="none below 0"):
        paths_of_texts(["a"], [-1], [2])
