"""California's Proposition 99 against R's synthdid and quadprog."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, synthetic
from toolkit.numerics.synthetic import Problem, Recipe, make

from .reading import expected

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> pd.DataFrame:
    folder: Path = request.getfixturevalue("reference_data")
    return pd.read_csv(folder / "data" / "real_prop99.csv")


@pytest.fixture(scope="module")
def panel(table: pd.DataFrame) -> Panel:
    return Panel.of(table, unit="State", period="Year", outcome="PacksPerCapita", treated="treated")


def named(told: dict[str, float], prefix: str) -> dict[str, float]:
    """The weights in a record, by state without spaces or by year."""
    return {name.removeprefix(prefix): value for name, value in told.items() if name.startswith(prefix)}


def weights(panel: Panel, **options: str) -> dict[str, float]:
    found = synthetic.weights(panel, **options)
    return dict(zip(found.iloc[:, 0].astype(str).str.replace(" ", ""), found["weight"], strict=True))


def problem(table: pd.DataFrame) -> Problem:
    wide = table.pivot(index="State", columns="Year", values="PacksPerCapita")
    donors = wide.drop("California").to_numpy()
    return Problem(wide.loc["California"].to_numpy(), np.ones(31), donors, 19, 1)


def test_the_synthetic_control_is_quadprogs(panel: Panel) -> None:
    """R added 1e-8 to the diagonal, which moves nothing that is compared here."""
    told = expected("prop99.sc_simplex")
    answer = synthetic.counterfactual(panel)
    assert answer.effect.value == pytest.approx(told["att"], rel=1e-6)
    before = answer.series[:19]
    gap = before["observed"] - before["expected"]
    assert np.sqrt((gap**2).mean()) == pytest.approx(told["rmspe_pre"], rel=1e-6)
    found = weights(panel)
    for state in told.keys() - {"att", "rmspe_pre"}:
        assert found.pop(state) == pytest.approx(told[state], abs=1e-6)
    assert max(found.values()) < 1e-6


def test_synthetic_did_is_synthdids_and_the_published_number(panel: Panel) -> None:
    told = expected("prop99.synthdid")
    answer = synthetic.att(panel, kind="synthetic_did")
    assert answer.value == pytest.approx(told["sdid"], rel=1e-9)
    assert round(answer.value, 3) == -15.604


@pytest.mark.parametrize(("of", "prefix"), [("unit", "o."), ("period", "l.")])
def test_the_weights_of_synthetic_did_are_synthdids(panel: Panel, of: str, prefix: str) -> None:
    found = weights(panel, kind="synthetic_did", of=of)
    assert found == pytest.approx(named(expected("prop99.synthdid"), prefix), abs=1e-9)


def test_the_exact_optimum_lies_a_little_lower_and_gives_15_605(table: pd.DataFrame) -> None:
    """R stops where the loss falls by less than 1e-10 of the noise squared: 0.2% above the least loss."""
    one = problem(table)
    found = {}
    for published in (False, True):
        made = make(one, Recipe(ratio=False, path=True, did=True, published=published))
        gap = one.target - made.path
        noise = np.diff(one.donors[:, :19], axis=1).std(ddof=1)
        ridge = np.sqrt(12) * noise**2 * (made.unit**2).sum()
        loss = ridge + ((gap[:19] - gap[:19].mean()) ** 2).mean()
        found[published] = (gap[19:].mean(), loss)
    assert found[False][0] == pytest.approx(-15.6054, abs=5e-5)
    assert 1 < found[True][1] / found[False][1] < 1.002


def test_difference_in_differences_is_even_weights(table: pd.DataFrame) -> None:
    one = problem(table)
    mean = one.donors.mean(axis=0)
    gap = one.target - mean
    assert gap[19:].mean() - gap[:19].mean() == pytest.approx(expected("prop99.synthdid")["did"], rel=1e-9)


def test_the_placebo_error_is_that_of_two_hundred_draws(panel: Panel) -> None:
    """R drew 200 states with replacement; every state once gives the number that it estimates, within 10%."""
    told = expected("prop99.synthdid_se")["se"]
    answer = synthetic.att(panel, kind="synthetic_did", inference="placebo_error")
    assert answer.std_error == pytest.approx(told, rel=0.1)


def test_california_stands_out_as_far_as_published(panel: Panel) -> None:
    """Its gap is one of the two furthest of 39 over the fit before (Abadie et al. had one of 39, with covariates)."""
    for scale in ("difference", "ratio"):
        assert synthetic.att(panel, scale=scale).p_value == pytest.approx(2 / 39)
