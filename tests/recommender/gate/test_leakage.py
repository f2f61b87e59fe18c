from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.recommender.gate.conftest import BOUNDS, PARAMS
from trasos.recommender.gate.contender import Contender, Rehearsal
from trasos.recommender.gate.criterion import Criterion
from trasos.recommender.gate.ground import Ground
from trasos.recommender.gate.leakage import leakage


def too_good(rehearsal: Rehearsal, ground: Ground) -> Criterion:
    (found,) = (
        each
        for each in leakage(rehearsal, ground, PARAMS, BOUNDS)
        if each.rule.name == "not_too_good"
    )
    return found


def test_what_was_tuned_on_few_proves_little(good: Contender, ground: Ground) -> None:
    """The same gain over the days before, measured there on many persons and on a handful."""
    assert good.rehearsal is not None
    modest = replace(good.rehearsal, tuned_ndcg=good.rehearsal.tuned_ndcg / 3)
    many, few = (too_good(replace(modest, tuned_persons=count), ground) for count in (2000, 5))
    assert many.value == few.value
    assert many.value is not None and many.value > BOUNDS.max_gain
    assert not many.is_passed and few.is_passed


@pytest.mark.parametrize("changes", [{"tuned_persons": 0, "tuned_ndcg": np.nan}, {"tuned_ndcg": 0}])
def test_without_tuning_there_is_nothing_to_measure_by(
    good: Contender, ground: Ground, changes: dict[str, float]
) -> None:
    assert good.rehearsal is not None
    found = too_good(replace(good.rehearsal, **changes), ground)
    assert found.is_passed and found.value is None
    assert "was not tuned" in found.reason
