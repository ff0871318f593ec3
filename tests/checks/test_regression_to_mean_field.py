"""Real records where nothing was done: the placebo leaves nothing, and empirical Bayes leaves a fall."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.field
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "regression_to_mean.py"
DRAWS = 30


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("regression_to_mean_benchmark", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass asks where it was made
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("crime_type", ["BURGLARY", "VEHICLE OFFENCES"])
def test_what_is_left_in_wards_where_nothing_was_done(
    script: ModuleType, field_data: Path, crime_type: str
) -> None:
    counts = script.metropolitan(field_data)[crime_type]
    draws = script.left(counts, script.METRO[0], DRAWS)
    placebo, bayes = draws["placebo left"], draws["empirical_bayes left"]
    assert abs(placebo.mean()) < max(3.0, 2 * script.error_by_date(placebo, draws["date"]))
    assert bayes.mean() < -3 * bayes.sem()
    assert draws["placebo held"].mean() > 0.8
