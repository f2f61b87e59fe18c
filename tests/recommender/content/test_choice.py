"""Powers learnt from choices, where the right ones are known."""

from __future__ import annotations

import numpy as np
import pytest

from trasos.errors import InputError
from trasos.recommender.content import fit_powers

TRUE = np.array([1.5, -0.7, 0.0])


def choices(n_persons: int, n_offered: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Persons choose one of what they are offered, by the model itself (Gumbel's trick)."""
    rng = np.random.default_rng(3)
    logs = rng.normal(size=(n_persons, n_offered, len(TRUE)))
    utility = logs @ TRUE + rng.gumbel(size=(n_persons, n_offered))
    is_chosen = utility == utility.max(axis=1, keepdims=True)
    sizes = np.full(n_persons, n_offered, np.int32)
    return logs.reshape(-1, len(TRUE)), is_chosen.ravel(), sizes


def test_the_powers_that_chose_are_found_again() -> None:
    found = fit_powers(*choices(4_000, 10), ridge=0.0)
    # Three standard errors of a choice among ten of unit variance, 4,000 times.
    assert found == pytest.approx(TRUE, abs=3 / np.sqrt(4_000))


def test_two_alternatives_are_the_odds_worked_out_by_hand() -> None:
    # Three of four take what is e times as much of the one factor: exp(power) = 3.
    logs = np.array([[1.0], [0.0]] * 4)
    is_chosen = np.array([True, False] * 3 + [False, True])
    found = fit_powers(logs, is_chosen, np.full(4, 2, np.int32), ridge=0.0)
    assert found == pytest.approx([np.log(3)], abs=1e-4)


def test_a_ridge_draws_powers_to_nothing() -> None:
    logs, is_chosen, sizes = choices(500, 5)
    free, held = (fit_powers(logs, is_chosen, sizes, ridge) for ridge in (0.0, 10.0))
    assert np.abs(held).max() < 0.1 * np.abs(free).max()


def test_groups_of_any_size_and_several_choices_count() -> None:
    logs, is_chosen, sizes = choices(500, 5)
    # A person with one alternative, who took it, says nothing.
    more = np.concatenate([[[9.0, 9.0, 9.0]], logs])
    found = fit_powers(more, np.r_[True, is_chosen], np.r_[1, sizes].astype(np.int32), 0.0)
    assert found == pytest.approx(fit_powers(logs, is_chosen, sizes, 0.0), abs=1e-4)


def test_what_cannot_be_learnt_from_is_refused() -> None:
    logs, is_chosen, sizes = choices(4, 3)
    with pytest.raises(InputError, match="sizes add up to 9 for 12"):
        fit_powers(logs, is_chosen, sizes[1:], 0.0)
    with pytest.raises(InputError, match="at least one choice"):
        fit_powers(logs, np.zeros_like(is_chosen), sizes, 0.0)
    with pytest.raises(InputError, match="finite logarithms"):
        fit_powers(np.where(logs > 0, -np.inf, logs), is_chosen, sizes, 0.0)
