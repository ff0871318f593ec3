"""The segmented model of one series: its columns, its fit, and what is known of any change in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.estimate import Scale
from toolkit.methods.interrupted.record import Record
from toolkit.numerics import counts, serial
from toolkit.numerics.mixture import Mixture
from toolkit.numerics.serial import Fits
from toolkit.validate import DesignError, counted

ERRORS = ("autocorrelated", "newey_west", "independent")
_LEAST_DF = 4
_NO_SCATTER = 1e-10  # residuals this small, to the series, are rounding
_SMALLEST = 1e-100  # squares of smaller numbers leave the range of floating point
# Of what counts vary beyond chance, how much persists from month to month: all of it, or parts, by prior weight.
_PERSISTS = {1 / 3: 1.0, 2 / 3: 1.0, 1.0: 2.0}


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted segmented regression.

    Attributes
    ----------
    fits : Fits
        Of the coefficients less ``beta``.
    beta : ndarray, shape (k,)
        Level, trend, level change, slope change (where there is one), then the season.
    with_programme, without : ndarray, shape (n, k)
        The columns of every period, and the same had there been no programme.
    offset : ndarray, shape (n,)
        Added to the linear predictor: the log of the exposure, and of the comparison where there is one.
    ratio : bool
    span : float
        What periods since the start are divided by.
    dispersion : float
        NaN on the difference scale.
    """

    fits: Fits
    beta: np.ndarray
    with_programme: np.ndarray
    without: np.ndarray
    offset: np.ndarray
    ratio: bool
    span: float
    dispersion: float

    def level_change(self) -> Mixture:
        """The step at the first period with the programme; a log ratio on the ratio scale."""
        return self._of(np.eye(len(self.beta))[2:3])

    def slope_change(self) -> Mixture:
        """The change of the trend, per period; a log ratio on the ratio scale."""
        return self._of(np.eye(len(self.beta))[3:4] / self.span)

    def line(self) -> Mixture:
        """The line without the programme in every period, less ``offset``; its log on the ratio scale."""
        return self._of(self.without)

    def total(self, used: np.ndarray, weights: np.ndarray) -> Mixture:
        """The change summed over the used periods with the weights; the log ratio of the sums on the ratio scale."""
        if not self.ratio:
            return self._of(weights[used] @ (self.with_programme - self.without)[used][None])
        sides = [
            self._log_sum(columns[used], self.offset[used]) for columns in (self.with_programme, self.without)
        ]
        (seen, up), (base, down) = sides
        return self.fits.along((up - down)[:, None, :], (seen - base)[:, None])

    def _of(self, gradient: np.ndarray) -> Mixture:
        around = self.fits.along(gradient)
        return Mixture(around.weight, around.centre + gradient @ self.beta, around.scale, around.df)

    def _log_sum(self, columns: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The log of the summed means for each fit, and its gradient."""
        eta = (self.beta + self.fits.beta) @ columns.T + offset
        most = eta.max(axis=1, keepdims=True)
        mean = np.exp(eta - most)
        total = mean.sum(axis=1)
        return np.log(total) + most[:, 0], mean @ columns / total[:, None]


def fitted(
    record: Record, season: np.ndarray, *, scale: Scale, slope: bool, errors: str, lags: int | None
) -> Model:
    """The segmented regression of a record."""
    span = float(len(record.periods))
    post = (record.since >= 0).astype(float)
    time = record.since / span
    change = [post, post * time] if slope else [post]
    steady = np.column_stack([np.ones_like(time), time])
    with_programme = np.column_stack([steady, *change, season])
    without = np.column_stack([steady, np.zeros((len(time), len(change))), season])
    offset, target, used = _prepared(record, scale)
    _enough_left(record, with_programme[used], slope)
    times, x = record.since[used], with_programme[used]
    if scale == "difference":
        line = np.linalg.lstsq(x, target[used], rcond=None)[0]
        _scattered(target[used] - x @ line, float(np.abs(target[used]).max()))
        fits = _fits(x, target[used], times, _Errors(errors, lags, {1.0: 1.0}))
        return Model(fits, np.zeros(x.shape[1]), with_programme, without, offset, False, span, np.nan)
    working = _working(record, x, offset, used)
    _scattered(working.residual, float(np.sqrt(record.outcome[used].max())))
    following = _Errors(errors, lags, _shares(working.dispersion))
    fits = _fits(working.x, working.residual, times, following)
    return Model(fits, working.beta, with_programme, without, offset, True, span, working.dispersion)


def _prepared(record: Record, scale: Scale) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is added to the predictor, what is modelled on the difference scale, and which periods can be used."""
    one = np.ones(len(record.periods))
    own = one if record.exposure is None else record.exposure
    theirs = one if record.compared_exposure is None else record.compared_exposure
    if scale == "difference":
        beside = np.zeros_like(one) if record.compared is None else record.compared / theirs
        return beside, record.outcome / own - beside, record.fitted
    if record.compared is None:
        return np.log(own), record.outcome, record.fitted
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = np.log(own / theirs) + np.log(record.compared)
    return offset, record.outcome, record.fitted & ~(record.outcome + record.compared == 0)


def _working(record: Record, x: np.ndarray, offset: np.ndarray, used: np.ndarray) -> counts.Working:
    """Counts by their mean, or given the sum with the comparison's by the odds of being in the series."""
    y = record.outcome[used]
    if record.compared is None:
        return counts.poisson(x, y, offset[used])
    other = record.compared[used]
    reach = _log_reach(record)[used]
    return counts.binomial(x, y, y + other, reach)


def _log_reach(record: Record) -> np.ndarray:
    """The log of the series' exposure over the comparison's."""
    if record.exposure is None or record.compared_exposure is None:
        return np.zeros(len(record.periods))
    return np.log(record.exposure / record.compared_exposure)


@dataclass(frozen=True)
class _Errors:
    """How errors follow each other: the kind, the lags of Newey-West, the shares that may persist."""

    kind: str
    lags: int | None
    shares: dict[float, float]


def _fits(x: np.ndarray, y: np.ndarray, times: np.ndarray, following: _Errors) -> Fits:
    if following.kind == "independent":
        return serial.independent(x, y, times)
    if following.kind == "newey_west":
        lags = default_lags(len(y)) if following.lags is None else following.lags
        if lags >= len(y):
            raise DesignError(f"lags={lags} must be fewer than the {len(y)} periods that are fitted.")
        return serial.newey_west(x, y, times, lags)
    return serial.averaged(x, y, times, following.shares)


def default_lags(n: int) -> int:
    """The usual number of lags for Newey-West errors, 0.75 n^(1/3) rounded down."""
    return int(0.75 * n ** (1 / 3))


def _shares(dispersion: float) -> dict[float, float]:
    """The shares of the variance that may persist: chance itself, which counts always have, does not."""
    beyond = max(0.0, 1 - 1 / dispersion) if dispersion > 0 else 0.0
    return {beyond + (1 - beyond) * part: weight for part, weight in _PERSISTS.items()}


def _enough_left(record: Record, x: np.ndarray, slope: bool) -> None:
    """Raise where the model has too many terms for its periods, or cannot tell them apart."""
    n, k = x.shape
    after, least = int(record.after.sum()), 3 if slope else 1
    if after < least:
        raise DesignError(
            f"Only {counted(after, record.noun)} with the programme, and a change of slope needs at least {least}. "
            "Add later ones, or use slope=False."
        )
    if n - k < _LEAST_DF:
        raise DesignError(
            f"{counted(n, record.noun)} cannot bear {k} terms: at least {k + _LEAST_DF} are needed. Use season='none', "
            "slope=False, or add periods."
        )
    if np.linalg.matrix_rank(x) < k:
        raise DesignError(
            "The change cannot be told from the season or the trend: too few whole years are left on one side of the "
            "start. Use season='none' or slope=False, or add periods."
        )


def _scattered(residual: np.ndarray, size: float) -> None:
    """Raise where the line goes through every point, so that there is no scatter to judge an error by."""
    if np.abs(residual).max() <= max(_NO_SCATTER * size, _SMALLEST):
        raise DesignError("The series lies exactly on its line, so there is no scatter to judge an error by.")
