"""The least number at which something begins to hold."""

import numpy as np
import pytest

from toolkit.numerics import crossing


@pytest.mark.parametrize("root", [1e-6, 0.3, 1.0, 2.7181])
def test_it_finds_the_number(root: float) -> None:
    assert crossing.least(lambda m: m >= root, 3.0) == pytest.approx(root, abs=1e-8)


def test_it_holds_from_the_beginning() -> None:
    assert crossing.least(lambda m: m >= 0, 3.0) == 0.0


def test_the_first_of_several() -> None:
    assert crossing.least(lambda m: (np.abs(m - 1) < 0.2) | (m > 2), 3.0) == pytest.approx(0.8, abs=1e-8)


def test_at_the_top_it_is_taken_to_hold() -> None:
    assert crossing.least(lambda m: m > 5, 3.0) == pytest.approx(3.0, abs=1e-8)
