"""The checks take synthetic controls as they take any method."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from toolkit import placebo, plots, sensitivity, synthetic, tables

from .made import panel, table

CONTROL = partial(synthetic.att, kind="synthetic_control")
DID = partial(synthetic.att, kind="synthetic_did", scale="ratio")


@pytest.mark.parametrize("method", [CONTROL, DID])
def test_in_time(method):
    one = panel(table(20, months=30, start=25))
    found = placebo.in_time(one, method, shifts=[6, 12])
    assert list(found["shift"]) == [6, 12] and found["value"].notna().all()
    earlier = method(one.before_treatment().treated_earlier(6))
    assert found["value"].iloc[0] == earlier.value


@pytest.mark.parametrize("method", [CONTROL, DID])
def test_in_space_is_the_same_as_the_methods_own_placebos(method):
    """Each comparison unit in turn, with the others: the effects that the method's own p-value counts."""
    one = panel(table(12))
    found = placebo.in_space(one, method).set_index("unit")
    rows = synthetic.gaps(one, **method.keywords).query("after and not treated")
    if method is CONTROL:
        assert rows.groupby("unit")["gap"].mean().to_dict() == pytest.approx(found["value"].to_dict())
    assert len(found) == 12 and 1 / 13 <= placebo.p_value(found) <= 1


def test_leaving_one_out():
    one = panel(table(12))
    found = sensitivity.leave_one_out(one, CONTROL)
    assert len(found) == 13
    first = found.iloc[0]
    assert (
        first["left_out"] == "t0" and np.isnan(first["value"]) and "No ward is treated" in first["cautions"]
    )
    weights = synthetic.weights(one).set_index("unit")["weight"]
    moved = found.set_index("left_out")["moved"]
    silent = weights.index[weights < 1e-9]
    assert len(silent) and np.abs(moved[silent]).max() < 1e-6  # without weight, nothing hangs on it
    assert np.abs(moved[weights.index[0]]) > 1e-3


def test_forests_and_tables():
    one = panel(table())
    answers = {"control": CONTROL(one), "on the path": CONTROL(one, match="path")}
    assert len(tables.estimates(answers)) == 2
    assert plots.forest(answers).get_title()
