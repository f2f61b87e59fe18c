import numpy as np
import pytest
from scipy import stats

from trasos.recommender.bootstrap import normal_interval, percentile_interval, resampled_means


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(3)
    base = rng.gamma(0.5, 1.0, 400)
    return np.column_stack([base, base + rng.normal(0.05, 0.2, 400)])


def test_intervals_agree_with_scipy_and_with_the_normal(values: np.ndarray) -> None:
    difference = values[:, 1] - values[:, 0]
    means = resampled_means(values, 4000, seed=1)
    low, high = percentile_interval((means[:, 1] - means[:, 0])[:, None], 0.95)
    theirs = stats.bootstrap(
        (difference,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert low[0] == pytest.approx(theirs.low, abs=0.05 * width)
    assert high[0] == pytest.approx(theirs.high, abs=0.05 * width)
    normal = normal_interval(difference[:, None], 0.95)
    assert low[0] == pytest.approx(normal[0][0], abs=0.06 * width)
    assert high[0] == pytest.approx(normal[1][0], abs=0.06 * width)


def test_pairing_makes_the_interval_narrow(values: np.ndarray) -> None:
    means = resampled_means(values, 2000, seed=1)
    paired = np.ptp(np.array(percentile_interval(means[:, [1]] - means[:, [0]], 0.95)))
    alone = np.ptp(np.array(percentile_interval(means[:, [0]], 0.95)))
    assert paired < alone / 2


def test_the_seed_decides_and_columns_do_not_disturb_one_another(values: np.ndarray) -> None:
    means = resampled_means(values, 130, seed=5)
    assert np.array_equal(means, resampled_means(values, 130, seed=5))
    assert not np.array_equal(means, resampled_means(values, 130, seed=6))
    assert resampled_means(values[:, :1], 130, seed=5)[:, 0] == pytest.approx(means[:, 0])


def test_a_constant_has_no_width() -> None:
    low, high = percentile_interval(resampled_means(np.full((9, 1), 2.0), 100, seed=0), 0.9)
    assert (low[0], high[0]) == pytest.approx((2.0, 2.0))
