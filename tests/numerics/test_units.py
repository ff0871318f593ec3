"""Units near one: no digit changes, and columns of any size have squares."""

import numpy as np
import pytest

from toolkit.numerics import units


def test_columns_come_near_to_one_and_keep_every_digit():
    columns = np.array([[3.0, 1e-200, 1e25, 0.0], [-4.1, 3e-200, 7.0, 0.0]])
    near = columns / units.of(columns)
    assert (np.abs(near[:, :3]).max(axis=0) >= 0.5).all()
    assert (np.abs(near) <= 1).all()
    assert (near * units.of(columns)).tolist() == columns.tolist()


def test_no_people_and_no_columns():
    assert units.of(np.empty((0, 2))).tolist() == [1, 1]
    assert units.of(np.empty((3, 0))).size == 0


def test_the_smallest_numbers_are_no_smaller_than_their_unit_can_be():
    assert np.isfinite(np.array([[1e-320]]) / units.of(np.array([[1e-320]]))).all()
    assert units.of(np.array([[6.0]])) == pytest.approx([8.0])
