from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from trasos.errors import ConfigurationError
from trasos.model_runs.space import Choice, Range, Space, configured
from trasos.recommender.params import RecommenderParams

YAML = """
als_factors: [16, 32, 64]
als_alpha: {low: 2, high: 60, log: true}
covisitation_window: {low: 3, high: 20}
history_length: {low: 20, high: 100, step: 20}
half_life_days: 14
"""
TOML = """
als_factors = [16, 32, 64]
half_life_days = 14
[als_alpha]
low = 2
high = 60
log = true
[covisitation_window]
low = 3
high = 20
[history_length]
low = 20
high = 100
step = 20
"""


def space_of(folder: Path, text: str, name: str = "space.yaml", *settings: str) -> Space:
    (folder / name).write_text(text)
    return Space.read(folder / name, settings)


def test_yaml_and_toml_say_the_same(tmp_path: Path) -> None:
    space = space_of(tmp_path, YAML)
    assert space == space_of(tmp_path, TOML, "space.toml")
    assert space.dimensions["als_factors"] == Choice((16, 32, 64))
    assert space.dimensions["als_alpha"] == Range(2.0, 60.0, None, True, False)
    assert space.dimensions["covisitation_window"] == Range(3, 20, None, False, True)
    assert space.fixed == {"half_life_days": 14.0}


def test_what_is_suggested_lies_in_the_space_and_makes_parameters(tmp_path: Path) -> None:
    space = space_of(tmp_path, YAML)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    seen = [space.suggest(study.ask()) for _ in range(30)]
    for chosen in seen:
        params = configured(RecommenderParams(als_iterations=3), chosen)
        assert params.als_iterations == 3 and params.half_life_days == 14
        assert params.als_factors in (16, 32, 64)
        assert 2 <= params.als_alpha <= 60 and 3 <= params.covisitation_window <= 20
        assert params.history_length in (20, 40, 60, 80, 100)
    assert len({chosen["als_alpha"] for chosen in seen}) == 30
    assert {type(chosen["covisitation_window"]) for chosen in seen} == {int}


def test_what_is_set_wins_over_the_file(tmp_path: Path) -> None:
    space = space_of(tmp_path, YAML, "space.yaml", "als_alpha=5", "half_life_days = 20")
    assert "als_alpha" not in space.dimensions
    assert space.fixed == {"als_alpha": 5.0, "half_life_days": 20.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("als_factor: 3", "no parameter als_factor; known are: .*als_factors"),
        ("als_factors: 0", r"als_factors is 0.*must lie in \[1, 4096\]"),
        ("als_factors: [8, 2.5]", "a whole number is wanted"),
        ("als_factors: {low: 8, high: 9000}", r"must lie in \[1, 4096\]"),
        ("als_factors: {low: 64, high: 8}", "runs from 64 to 8: low must be less"),
        ("als_factors: {low: 8}", "a range is low and high"),
        ("als_factors: {low: 8, high: 64, steps: 8}", "a range is low and high"),
        ("als_factors: {low: 8, high: 64, step: 0.5}", "step 0.5: no distance"),
        ("als_alpha: {low: 2, high: 9, step: 1, log: true}", "both step and log"),
        ("als_alpha: {low: 2, high: 9, log: 3}", "true or false"),
        ("als_regularization: {low: 0, high: 9, log: true}", "above 0"),
        ("als_solver: {low: 1, high: 2}", "is no number"),
        ("als_solver: [implicit, abacus]", "implicit or trasos or spark is wanted"),
        ("als_factors: []", "empty list"),
        ("test_days: [7, 14]", "test_days says how models are judged"),
        ("- als_factors", "names no parameter"),
        ("als_factors: [1", "cannot be read as a search space"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_runs(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        space_of(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml cannot be read"):
        Space.read(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigurationError, match="name=value is wanted"):
        Space.read(None, ["als_factors"])
