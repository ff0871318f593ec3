"""Real records where nothing was done: the placebo leaves nothing, and empirical Bayes leaves a fall."""

from types import ModuleType

import pytest
from scripts import load

pytestmark = pytest.mark.field
DRAWS = 30


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load("benchmarks/regression_to_mean.py")


@pytest.mark.parametrize("crime_type", ["BURGLARY", "VEHICLE OFFENCES"])
def test_what_is_left_in_wards_where_nothing_was_done(script: ModuleType, crime_type: str) -> None:
    counts = script.metropolitan()[crime_type]
    draws = script.left(counts, script.METRO[0], DRAWS)
    placebo, bayes = draws["placebo left"], draws["empirical_bayes left"]
    assert abs(placebo.mean()) < max(3.0, 2 * script.error_by_date(placebo, draws["date"]))
    assert bayes.mean() < -3 * bayes.sem()
    assert draws["placebo held"].mean() > 0.8
