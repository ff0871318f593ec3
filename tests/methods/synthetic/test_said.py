"""What is said of the fit, and the cautions: each where it should be, and not where it should not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from toolkit import synthetic

from .made import exactly, panel, table


def cautions(frame: pd.DataFrame, **options: str) -> str:
    return " ".join(synthetic.att(panel(frame), **options).cautions)


def steady(seed: int = 0, others: int = 20, months: int = 60) -> dict[str, list[float]]:
    """Paths that share a season and have noise of their own, about levels from 20 to 60."""
    draw = np.random.default_rng(seed)
    season = 5 * np.sin(np.arange(months) / 2)
    names = ["t", *(f"c{i:02d}" for i in range(others))]
    levels = [40.0, *np.linspace(20, 60, others)]
    return {
        n: list(level + season + draw.normal(0, 1, months)) for n, level in zip(names, levels, strict=True)
    }


def test_a_good_design_has_no_caution():
    assert cautions(exactly(steady(), 55)) == ""


def test_the_fit_is_told():
    """Root mean square gaps: of the treated by the series, of placebos by the table of gaps."""
    one = panel(exactly(steady(), 55))
    method = synthetic.att(one).method
    series = synthetic.counterfactual(one).series[:54]
    own = np.sqrt(((series["observed"] - series["expected"]) ** 2).mean())
    others = synthetic.gaps(one).query("not treated").groupby("unit")["fit"].first().median()
    level = series["observed"].mean()
    assert (
        f"gap before treatment {own:.3f} ({100 * own / level:.2f}% of the level; of placebos {others:.3f})"
        in method
    )
    assert "of 20 comparison wards carry weight" in method
    assert "each of 20 comparison wards in turn" in method


def test_the_fit_of_a_ratio_is_in_per_cent_and_of_what_may_be_negative_in_its_own_units():
    frame = exactly(steady(), 55)
    assert "% (of placebos" in synthetic.att(panel(frame), scale="ratio").method
    below = frame.assign(crimes=frame["crimes"] - 50)
    assert "% of the level" not in synthetic.att(panel(below)).method


def test_a_poor_fit_is_said():
    """The treated go up and down where nobody else does."""
    paths = steady()
    paths["t"] = [y + 8 * (-1) ** i for i, y in enumerate(paths["t"])]
    said = cautions(exactly(paths, 55))
    assert "The fit before treatment is poor: 20 of 20 placebos have a closer one" in said


def test_a_level_beyond_all_others_is_said_and_the_path_needs_none():
    paths = steady()
    paths["t"] = [y + 70 for y in paths["t"]]
    said = cautions(exactly(paths, 55))
    assert "The level of t lay above that of every comparison ward" in said and "match='path'" in said
    assert cautions(exactly(paths, 55), match="path") == ""
    paths["t"] = [y - 100 for y in paths["t"]]
    assert "lay below" in cautions(exactly(paths, 55))


def test_one_donor_that_carries_most_is_named():
    paths = steady()
    paths["t"] = [0.9 * y + 4 for y in paths["c10"]]
    assert "c10 carries" in cautions(exactly(paths, 55)) and "% of the weight" in cautions(exactly(paths, 55))


def test_few_periods_before_are_fitted_too_well_and_that_is_said():
    """Five periods of noise and twenty wards: placebos fit far closer before than after."""
    paths = steady(months=12)
    assert "The fit before flatters" in cautions(exactly(paths, 6))
    assert "flatters" not in cautions(exactly(steady(), 55))
    exact = {n: [round(y) for y in path] for n, path in steady(others=60, months=12).items()}
    assert "typically many times as wide" in cautions(exactly(exact, 5), match="path")


@pytest.mark.parametrize(("others", "level"), [(18, 0.95), (8, 0.9), (98, 0.99)])
def test_too_few_placebos_for_the_level(others, level):
    short = synthetic.att(panel(table(others)), level=level)
    assert (short.low, short.high) == (-np.inf, np.inf)
    said = f"the p-value cannot fall below {1 / (1 + others):.2f}, so there is no interval at this level: it would take"
    assert any(said in caution and f"{others + 1} comparison wards" in caution for caution in short.cautions)
    enough = synthetic.att(panel(table(others + 1)), level=level)
    assert np.isfinite([enough.low, enough.high]).all()


def test_too_few_sets_for_the_level():
    said = synthetic.att(panel(table(4, treated=2))).cautions
    assert any("it would take 19 placebos" in caution for caution in said)


def test_a_normal_interval_says_that_it_is_one():
    said = synthetic.att(panel(exactly(steady(), 55)), inference="placebo_error").cautions
    assert said == (
        "The interval takes the estimate to be normal, with the scatter of placebos as its standard error.",
    )


def test_sets_are_counted():
    assert "230 sets (all) of 2 of 22 wards" in synthetic.att(panel(table(treated=2))).method
    drawn = synthetic.att(panel(table(treated=3)), draws=150).method
    assert "150 sets (random) of 3 of 23 wards" in drawn
