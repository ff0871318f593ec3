"""The batch that the comparison of methods runs on gives what the toolkit gives, series by series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scripts import load

from toolkit import interrupted, simulate


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_batch_and_toolkit_agree(scale: str) -> None:
    batched, bench = load("benchmarks/batched_series.py"), load("benchmarks/interrupted.py")
    problem = bench.problem(scale, 48, 24, 0.4, draws=2, seed=0)
    found = {name: (inside, reach) for name, inside, reach in batched.held(problem)}
    months, how = pd.period_range("2016-01", periods=48, freq="M"), bench.course(scale, 0.4)
    kind, changes = (
        ("count", {"level_change": 0.85, "slope_change": 0.997})
        if scale == "ratio"
        else ("measure", {"level_change": -4, "slope_change": -0.1})
    )
    truth = simulate.series(how, kind=kind, periods=48, first="2016-01", start="2018-01", **changes)[1]
    line = truth.expected["with_programme"].to_numpy()
    series = bench.drawn(how, line, 2, np.random.default_rng(0), count=scale == "ratio")
    for i, values in enumerate(series):
        for name, errors in ((batched.OURS, "autocorrelated"), ("as if independent", "independent")):
            told = interrupted.segmented(
                pd.Series(values, index=months), start="2018-01", scale=scale, errors=errors
            )
            parts = told.level_change, told.slope_change
            reach = [part.std_error * stats.t.ppf(0.975, 40) for part in parts]
            assert found[name][1][i][:2] == pytest.approx(reach, rel=1e-6)
            truths = truth.level_change, truth.slope_change
            inside = [part.low <= value <= part.high for part, value in zip(parts, truths, strict=True)]
            assert found[name][0][i][:2].tolist() == inside
