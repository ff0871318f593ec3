"""The shortcut that the coverage designs of interrupted series take gives what the method gives."""

from __future__ import annotations

import pytest
from recovery import designs_interrupted as designs

from toolkit import interrupted


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("extra", ["", "a comparison", "gaps"])
def test_the_shortcut_gives_the_methods_own_estimates(scale: str, extra: str) -> None:
    case = (scale, 60, 0.3, extra, 17)
    values, options, _ = designs.series(case)
    whole = interrupted.segmented(values, scale=scale, **options)
    estimates, _ = designs.answered(case)
    for part in ("effect", "level_change", "slope_change"):
        assert estimates[part] == getattr(whole, part)
    row, line = whole.series.iloc[-1], estimates["line"]
    if extra != "a comparison":  # beside a comparison the line follows it, and so would the truth
        ends = (row["expected"], row["low"], row["high"])
        assert (line.value, line.low, line.high) == pytest.approx(ends, rel=1e-9)


def test_the_truth_after_a_phase_in_is_over_the_months_that_count() -> None:
    """A ratio of 0.85 that falls by 0.3% a month: with two months left out the effect is a little further on."""
    plain, gaps = (designs.series(("ratio", 60, 0.3, extra, 1))[2]["effect"] for extra in ("", "gaps"))
    assert gaps < plain < 0.85
