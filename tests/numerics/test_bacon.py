"""The decomposition against the regressions that it takes apart, each solved by dummies."""

import numpy as np
import pytest

from toolkit.numerics import bacon

PERIODS = 9
FIRST = np.array([0, 2, 5, 6, PERIODS])  # treated throughout, three starts, never
SIZES = [2, 3, 1, 4, 2]


def outcomes(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Twelve units of five cohorts by nine periods: y, weight, cohort."""
    draw = np.random.default_rng(seed)
    cohort = np.repeat(np.arange(len(SIZES)), SIZES)
    return draw.normal(size=(len(cohort), PERIODS)), draw.uniform(0.5, 3, len(cohort)), cohort


def by_dummies(
    y: np.ndarray, weight: np.ndarray, first: np.ndarray, columns: np.ndarray
) -> tuple[float, float]:
    """The coefficient on treatment with unit and period dummies, and the squares of the treatment beside them."""
    n, t = y.shape
    treated = (columns >= first[:, None]).astype(float).ravel()
    dummies = np.column_stack([np.kron(np.eye(n), np.ones((t, 1))), np.kron(np.ones((n, 1)), np.eye(t))])
    root = np.repeat(np.sqrt(weight), t)
    bare = root * (
        treated - dummies @ np.linalg.lstsq(root[:, None] * dummies, root * treated, rcond=None)[0]
    )
    return float(bare @ (root * y.ravel()) / (bare @ bare)), float(bare @ bare)


def window(a: int, b: int) -> np.ndarray:
    """The periods in which cohort b's treatment does not change."""
    columns = np.arange(PERIODS)
    return columns[columns < FIRST[b]] if FIRST[b] > FIRST[a] else columns[columns >= FIRST[b]]


@pytest.mark.parametrize("weighted", [False, True])
def test_every_comparison_is_the_regression_on_its_two_cohorts_and_its_window(weighted: bool) -> None:
    """And its weight is that regression's share of what is left of the treatment (the paper's theorem 1).

    On a subsample the weights of the regressions are in proportion to their size squared times the variance of the
    treatment beside the dummies: in sums of squares, without the means, the size in weight and periods comes once.
    """
    y, weight, cohort = outcomes()
    weight = weight if weighted else np.ones(len(weight))
    means, mass = bacon.cohort_means(y, weight, cohort)
    found = bacon.pairs(means, mass, FIRST)
    shares = []
    for a, b, estimate in zip(found.treated, found.against, found.estimate, strict=True):
        rows, columns = np.isin(cohort, [a, b]), window(a, b)
        change = np.where(
            cohort[rows] == a, FIRST[a], PERIODS
        )  # b's own treatment does not move in the window
        coef, left = by_dummies(y[np.ix_(rows, columns)], weight[rows], change, columns)
        assert estimate == pytest.approx(coef, rel=1e-10)
        shares.append(left * (mass[a] + mass[b]) * len(columns))
    assert found.weight == pytest.approx(np.array(shares) / sum(shares), rel=1e-10)
    # Three starts against each of four others, and no cohort without a start as the one treated.
    assert sorted(zip(found.treated.tolist(), found.against.tolist(), strict=True)) == [
        (a, b) for a in (1, 2, 3) for b in range(5) if a != b
    ]


@pytest.mark.parametrize("weighted", [False, True])
def test_the_weighted_sum_is_the_whole_regression(weighted: bool) -> None:
    y, weight, cohort = outcomes()
    weight = weight if weighted else np.ones(len(weight))
    found = bacon.pairs(*bacon.cohort_means(y, weight, cohort), FIRST)
    whole, _ = by_dummies(y, weight, FIRST[cohort], np.arange(PERIODS))
    assert found.weight.sum() == pytest.approx(1, abs=1e-14)
    assert found.weight @ found.estimate == pytest.approx(whole, abs=1e-10)


def test_weights_worked_by_hand() -> None:
    """Two units from column 1, one from column 3, three never; four periods.

    The product of units, periods before and periods after: 2 x 3 x 1 x 3 = 18 against never, 1 x 3 x 3 x 1 = 9;
    early against late up to column 3: 2 x 1 x 1 x 2 = 4; late against early from column 1: 2 x 1 x 2 x 1 = 4.
    """
    means = np.array([[1.0, 2, 4, 8], [0, 1, 1, 5], [0, 0, 1, 1]])
    found = bacon.pairs(means, np.array([2.0, 1, 3]), np.array([1, 3, 4]))
    got = {
        (int(a), int(b)): (w, e)
        for a, b, w, e in zip(found.treated, found.against, found.weight, found.estimate, strict=True)
    }
    assert got == {
        (0, 2): (pytest.approx(18 / 35), pytest.approx((2 + 4 + 8) / 3 - 1 - 2 / 3)),
        (1, 2): (pytest.approx(9 / 35), pytest.approx(5 - 2 / 3 - (1 - 1 / 3))),
        (0, 1): (pytest.approx(4 / 35), pytest.approx(3 - 1 - (1 - 0))),
        (1, 0): (pytest.approx(4 / 35), pytest.approx(5 - 1 - (8 - 3))),
    }


def test_cohorts_without_weight_or_with_the_same_start_are_not_compared() -> None:
    means = np.arange(12.0).reshape(3, 4)
    assert not len(bacon.pairs(means, np.array([2.0, 0, 3]), np.array([2, 4, 2])).weight)


def test_a_unit_of_weight_zero_may_hold_anything() -> None:
    y = np.array([[1.0, 2], [np.nan, np.inf], [5, 7]])
    means, mass = bacon.cohort_means(y, np.array([1.0, 0, 3]), np.array([0, 0, 0]))
    assert means.tolist() == [[4.0, 5.75]]
    assert mass.tolist() == [4.0]
