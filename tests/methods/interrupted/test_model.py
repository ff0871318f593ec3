"""The model's columns, the parts of the variance that may persist, and terms that cannot be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from made_series import AFTER, COUNT, OTHER, START

from toolkit import DesignError
from toolkit.methods.interrupted import model, record

NO_SEASON = np.empty((60, 0))
OPTIONS = {"scale": "ratio", "slope": True, "errors": "autocorrelated", "lags": None}


def read(**options: object) -> record.Record:
    usual = {"exposure": None, "comparison": None, "phase_in": 0, "exclude": ()}
    return record.read(COUNT, start=START, **(usual | options))


def test_the_slope_is_counted_from_the_start() -> None:
    fit = model.fitted(read(), NO_SEASON, **OPTIONS)
    change = (fit.with_programme - fit.without) * np.array([1, 1, 1, fit.span])
    assert change[:36].tolist() == np.zeros((36, 4)).tolist()
    assert change[36:, 2].tolist() == [1] * 24
    assert change[36:, 3] == pytest.approx(np.arange(24))


def test_the_change_summed_is_worked_out_for_each_fit_and_not_at_their_mean() -> None:
    fit = model.fitted(read(), NO_SEASON, **OPTIONS)
    known = fit.total(AFTER, AFTER.astype(float))
    betas = fit.beta + fit.fits.beta
    seen, base = (
        np.exp(betas @ columns[AFTER].T).sum(axis=1) for columns in (fit.with_programme, fit.without)
    )
    assert known.centre[:, 0] == pytest.approx(np.log(seen / base), rel=1e-10)


def test_its_gradient_is_that_of_a_small_step() -> None:
    fit = model.fitted(read(), NO_SEASON, **(OPTIONS | {"errors": "independent"}))
    known = fit.total(AFTER, AFTER.astype(float))

    def effect(beta: np.ndarray) -> float:
        seen, base = (np.exp(columns[AFTER] @ beta).sum() for columns in (fit.with_programme, fit.without))
        return float(np.log(seen / base))

    middle = fit.beta + fit.fits.beta[0]
    slopes = [(effect(middle + step) - effect(middle - step)) / 2e-6 for step in 1e-6 * np.eye(4)]
    assert known.scale[0, 0] == pytest.approx(np.sqrt(slopes @ fit.fits.covariance[0] @ slopes), rel=1e-6)


@pytest.mark.parametrize(
    ("dispersion", "shares"),
    [(0.7, [1 / 3, 2 / 3, 1]), (1.0, [1 / 3, 2 / 3, 1]), (4.0, [10 / 12, 11 / 12, 1])],
)
def test_chance_need_not_persist(dispersion: float, shares: list[float]) -> None:
    """With a dispersion of 4, three quarters of the variance are beyond chance."""
    assert list(model._shares(dispersion)) == pytest.approx(shares)


def test_lags_by_the_usual_rule() -> None:
    """0.75 x 96^(1/3) = 3.43."""
    assert model.default_lags(96) == 3


def test_terms_that_cannot_be_told_apart() -> None:
    twice = np.tile(np.sin(np.arange(60.0))[:, None], 2)
    with pytest.raises(DesignError, match=r"^The change cannot be told from the season or the trend"):
        model.fitted(read(), twice, **OPTIONS)


def test_months_without_an_incident_in_either_series_say_nothing_of_their_ratio() -> None:
    quiet, other = COUNT.copy(), OTHER.copy()
    quiet["2019-05"] = other["2019-05"] = 0
    beside = model.fitted(
        record.read(quiet, start=START, exposure=None, comparison=other, phase_in=0, exclude=()),
        NO_SEASON,
        **OPTIONS,
    )
    without = model.fitted(
        record.read(quiet, start=START, exposure=None, comparison=other, phase_in=0, exclude=["2019-05"]),
        NO_SEASON,
        **OPTIONS,
    )
    assert beside.level_change().mean() == pytest.approx(without.level_change().mean(), rel=1e-12)
