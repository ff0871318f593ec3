"""Rows in another order, units by other names, another hash seed: the same answer to the last digits that matter."""

import json
import os
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest

from toolkit import before_after, comparison, did, trends

from .panels import numbers, panel, rows

STAGGERED = {"starts": (6, 8), "gaps": True}

# Sums run in another order under other names, so agreement is to rounding (1e-9), and exact for ranks.
METHODS = {
    "ratio, jackknife": (partial(did.att, inference="cluster"), {}),
    "difference, jackknife": (partial(did.att, inference="cluster", scale="difference"), {}),
    "staggered, gaps, ratio": (partial(did.att, inference="cluster"), STAGGERED),
    "staggered, gaps, difference": (partial(did.att, inference="cluster", scale="difference"), STAGGERED),
    "permutation, all 3,003 ways": (partial(did.att, inference="permutation"), {}),
    "permutation with gaps": (partial(did.att, inference="permutation"), {"gaps": True}),
    "permutation of differences": (partial(did.att, inference="permutation", scale="difference"), {}),
    "Monte Carlo, ratio": (partial(did.att, inference="permutation", draws=299), {"treated": 9, "others": 9}),
    "Monte Carlo, difference": (
        partial(did.att, inference="permutation", draws=299, scale="difference"),
        {"treated": 9, "others": 9, "gaps": True},
    ),
    "two-way regression": (did.two_way, STAGGERED),
    "before and after": (before_after.rate_ratio, {"starts": (6, 8)}),
}


@pytest.mark.parametrize("name", METHODS)
def test_row_order(name: str) -> None:
    method, shape = METHODS[name]
    table = rows(**shape)
    shuffled = table.sample(frac=1, random_state=1)
    assert numbers(method(panel(shuffled))) == pytest.approx(
        numbers(method(panel(table))), rel=1e-9, nan_ok=True
    )


@pytest.mark.parametrize("name", METHODS)
def test_unit_names(name: str) -> None:
    """New names sort in another order; draws are ordered by the data, so even Monte Carlo p-values stay."""
    method, shape = METHODS[name]
    table = rows(**shape)
    areas = table["area"].unique()
    new = dict(zip(areas, np.random.default_rng(2).permutation(len(areas)), strict=True))
    renamed = table.assign(area=table["area"].map(new))
    one, other = method(panel(table)), method(panel(renamed))
    # An end of a permutation interval is found by halving to 1e-7.
    assert numbers(other) == pytest.approx(numbers(one), rel=1e-6, nan_ok=True)
    assert (other.value, other.std_error, other.p_value) == pytest.approx(
        (one.value, one.std_error, one.p_value), rel=1e-9, nan_ok=True
    )


def test_event_study_row_order_and_names() -> None:
    table = rows(starts=(6, 8), gaps=True)
    other = table.assign(area=table["area"].map(lambda name: f"{(int(name[5:]) * 7) % 15} x")).sample(
        frac=1, random_state=3
    )
    assert other["area"].nunique() == table["area"].nunique()
    one, two = (did.event_study(panel(t), leads=4, lags=3) for t in (table, other))
    for column in ("estimate", "low", "high", "std_error", "n_units"):
        np.testing.assert_allclose(two.effects[column], one.effects[column], rtol=1e-8)
    np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-7, atol=1e-12)
    assert trends.test(two).p_value == pytest.approx(trends.test(one).p_value, rel=1e-8)


def test_the_same_rule_picks_the_same_areas() -> None:
    table = rows()
    picked = comparison.same_rule(panel(table), first=1, last=6, top=9).units
    again = comparison.same_rule(panel(table.sample(frac=1, random_state=4)), first=1, last=6, top=9).units
    assert list(picked) == list(again)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_callers_table_is_unchanged(scale: str) -> None:
    table = rows(starts=(6, 8), gaps=True)
    before = table.copy(deep=True)
    one = panel(table, exposure="people")
    kept = one.frame.copy(deep=True)
    did.att(one, scale=scale)
    did.counterfactual(one, scale=scale)
    did.event_study(one, leads=2, lags=2, scale=scale)
    did.two_way(one, scale=scale)
    (before_after.rate_ratio if scale == "ratio" else before_after.mean_difference)(one)
    assert table.equals(before) and list(table.columns) == list(before.columns)
    assert one.frame.equals(kept)


HASHED = """
import json, pandas as pd
from toolkit import Panel, did
cells = [(i, t) for i in range(18) for t in range(1, 9)]
rows = [(f"area {i}", t, 5 + (i * 7 + t * 3 + i * t) % 11, 5 if i < 9 else None) for i, t in cells]
table = pd.DataFrame(rows, columns=["area", "month", "crimes", "start"])
panel = Panel.of(table, unit="area", period="month", outcome="crimes", treated_from="start")
answers = [did.att(panel, inference="permutation", draws=199), did.att(panel, inference="cluster"), did.two_way(panel)]
print(json.dumps([[repr(float(x)) for x in (a.value, a.low, a.high, a.std_error, a.p_value)] for a in answers]))
"""


def test_same_bits_whatever_the_hash_seed(root) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", HASHED], cwd=root, env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "4242")
    ]  # fmt: skip
    one, other = (json.loads(run.communicate(timeout=120)[0]) for run in runs)
    assert one == other


def sparse() -> pd.DataFrame:
    """Nought or one a month: many areas, treated or not, have the same counts."""
    draw = np.random.default_rng(0)
    area, month = np.divmod(np.arange(160), 4)
    return pd.DataFrame({"area": area, "month": month + 1, "crimes": (draw.random(160) < 0.25) * 1.0,
                         "start": np.where(area < 12, 3.0, np.nan), "people": draw.uniform(1, 3, 160)})  # fmt: skip


@pytest.mark.parametrize("exposure", [None, "people"])
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_monte_carlo_with_equal_counts(scale: str, exposure: str | None) -> None:
    """Areas with equal counts differ by treatment, exposure and covariates, so these must settle the order of draws."""
    table = sparse()
    method = partial(did.att, inference="permutation", draws=199, scale=scale)
    one = method(panel(table, exposure=exposure))
    for seed in range(3):
        other = method(panel(table.sample(frac=1, random_state=seed), exposure=exposure))
        assert numbers(other) == pytest.approx(numbers(one), rel=1e-5, nan_ok=True)
