"""The logistic fit against scikit-learn, closed forms, and columns that say nothing of their own."""

import numpy as np
import pytest
from scipy import special
from sklearn.linear_model import LogisticRegression

from toolkit.numerics import logistic


def drawn(n: int = 300, scale: float = 1.0):
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(n, 3)) * np.array([1, 100, 1e-3]) * scale + np.array([0, 5000, 1])
    treated = rng.random(n) < special.expit(columns[:, 0] / scale - 0.5)
    return columns, treated, rng.uniform(0.2, 3, n)


def test_it_is_what_scikit_learn_finds_without_a_penalty():
    columns, treated, weight = drawn()
    standard = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    told = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    told.fit(standard, treated, sample_weight=weight)
    ours = logistic.linear(columns, logistic.fit(columns, treated, weight))
    assert ours == pytest.approx(told.decision_function(standard), rel=1e-7, abs=1e-8)


def test_one_binary_column_gives_the_shares():
    # 3 of 4 treated where the column is 1, 1 of 5 where it is 0: log odds log 3 and log(1/4).
    column = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])[:, None].astype(float)
    treated = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0]) == 1
    coef = logistic.fit(column, treated, np.ones(9))
    assert coef == pytest.approx([np.log(1 / 4), np.log(3) - np.log(1 / 4)], rel=1e-9)


def test_a_weight_of_two_is_the_person_twice():
    columns, treated, _ = drawn(80)
    weight = np.where(np.arange(80) % 3, 1.0, 2.0)
    twice = np.repeat(np.arange(80), weight.astype(int))
    one = logistic.fit(columns, treated, weight)
    other = logistic.fit(columns[twice], treated[twice], np.ones(len(twice)))
    assert logistic.linear(columns, one) == pytest.approx(logistic.linear(columns, other), abs=1e-7)


def test_separated_arms_end_near_certainty():
    column = np.arange(20.0)[:, None]
    treated = column[:, 0] > 9.5
    fitted = special.expit(logistic.linear(column, logistic.fit(column, treated, np.ones(20))))
    assert np.abs(fitted - treated).max() < 1e-3


def test_columns_that_add_nothing_are_found():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 50)) * 1e5
    columns = np.column_stack([a, np.full(50, 7.0), b, a - 2 * b + 3, rng.normal(size=50) * 1e-6])
    assert logistic.independent(columns).tolist() == [True, False, True, False, True]


def test_a_far_zero_hides_a_column_only_where_its_digits_are_gone():
    age = np.random.default_rng(1).uniform(18, 60, 50)
    # Beside 1e9 and 1e12 an age keeps 7 and 4 digits, and beside 1e17 none; and a shifted age says what the age does.
    columns = np.column_stack([age + 1e12, age, age + 1e9, age**2 + 1e12, age + 1e17])
    assert logistic.independent(columns).tolist() == [True, False, False, True, False]
    assert logistic.independent(columns * 1e-200).tolist() == [True, False, False, True, False]
