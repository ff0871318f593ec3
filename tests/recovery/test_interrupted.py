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
    assert estimates == {part: getattr(whole, part) for part in ("effect", "level_change", "slope_change")}


def test_the_truth_after_a_phase_in_is_over_the_months_that_count() -> None:
    """A ratio of 0.85 that falls by 0.3% a month: with two months left out the effect is a little further on."""
    plain, gaps = (designs.series(("ratio", 60, 0.3, extra, 1))[2]["effect"] for extra in ("", "gaps"))
    assert gaps < plain < 0.85
