"""Log-linear models of counts by iterated least squares, in the form that errors of any correlation can build on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from toolkit.validate import DesignError

Moments = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # linear predictor to mean and variance

_STEPS = 60
_CLOSE = 1e-12
_FAR = 30.0  # a log ratio beyond this is a count that some column explains away


@dataclass(frozen=True, eq=False)
class Working:
    """A fitted model as a least-squares problem: root-weighted columns, Pearson residuals.

    Attributes
    ----------
    beta : ndarray, shape (k,)
    x : ndarray, shape (n, k)
        Columns times the square root of each row's variance.
    residual : ndarray, shape (n,)
        (observed - fitted) / root variance. The dispersion is their sum of squares over n - k.
    """

    beta: np.ndarray
    x: np.ndarray
    residual: np.ndarray

    @property
    def dispersion(self) -> float:
        """How much the counts vary, over what chance alone gives."""
        n, k = self.x.shape
        return float((self.residual**2).sum() / (n - k))


def poisson(x: np.ndarray, y: np.ndarray, offset: np.ndarray) -> Working:
    """Counts with mean exp(x beta + offset) and variance in proportion to it.

    Parameters
    ----------
    x : ndarray, shape (n, k)
    y, offset : ndarray, shape (n,)
    """

    def moments(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = np.exp(eta)
        return mean, mean

    return _iterated(x, y, offset, np.log(np.maximum(y, 0.5)), moments)


def binomial(x: np.ndarray, y: np.ndarray, total: np.ndarray, offset: np.ndarray) -> Working:
    """``y`` of ``total`` with odds exp(x beta + offset), and variance in proportion to the binomial's.

    Of two Poisson counts with their sum given, the odds of the first are the ratio of their means: whatever moves both
    drops out.
    """

    def moments(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share = 1 / (1 + np.exp(-eta))
        return total * share, total * share * (1 - share)

    return _iterated(x, y, offset, np.log((y + 0.5) / (total - y + 0.5)), moments)


def _iterated(x: np.ndarray, y: np.ndarray, offset: np.ndarray, eta: np.ndarray, moments: Moments) -> Working:
    """Iteratively reweighted least squares from a first linear predictor."""
    beta = np.full(x.shape[1], np.inf)
    for _ in range(_STEPS):
        mean, variance = moments(np.clip(eta, -_FAR, _FAR))
        root = np.sqrt(variance)
        target = root * (eta - offset) + (y - mean) / root
        last, beta = beta, np.linalg.lstsq(root[:, None] * x, target, rcond=None)[0]
        eta = x @ beta + offset
        if np.abs(beta - last).max() <= _CLOSE * (1 + np.abs(beta).max()):
            mean, variance = moments(eta)
            root = np.sqrt(variance)
            return Working(beta, root[:, None] * x, (y - mean) / root)
    raise DesignError(
        "The counts are too sparse for this model: some of its terms have no incidents to go by. Use season='none', "
        "slope=False, a coarser period, or scale='difference'."
    )
