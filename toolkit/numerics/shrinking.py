"""The least-squares solutions that shrink to zero as the sum of absolute values is made dear: the whole path."""

from __future__ import annotations

import numpy as np

_CLOSE = 1e-12


def knots(curve: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Where the path of arg min x'Hx/2 + g'x + price sum abs(x) bends, from x = 0 to a price of nothing.

    The path is straight between knots (Osborne, Presnell and Turlach 2000; Efron and others 2004).

    Parameters
    ----------
    curve : ndarray, shape (n, n)
        H, positive definite.
    pull : ndarray, shape (n,)
        g.

    Returns
    -------
    ndarray, shape (bends, n)
    """
    n = len(pull)
    found, price, signs = [np.zeros(n)], float(np.abs(pull).max(initial=0.0)), np.zeros(n)
    if price > 0:
        first = int(np.abs(pull).argmax())
        signs[first] = -np.sign(pull[first])
    while price > 0 and len(found) <= 20 * n + 20:
        price, x, signs = _next(curve, pull, price, signs)
        found.append(x)
    return np.array(found)


def _next(
    curve: np.ndarray, pull: np.ndarray, price: float, signs: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """The price at the next bend below ``price``, the solution there, and the signs of those that move on from it."""
    free = signs != 0
    both = np.linalg.solve(curve[np.ix_(free, free)], np.column_stack([-pull[free], -signs[free]]))
    at_none, per_price = np.zeros(len(pull)), np.zeros(len(pull))
    at_none[free], per_price[free] = both.T
    with np.errstate(divide="ignore", invalid="ignore"):
        leaves = np.where(free, -at_none / per_price, np.nan)
        slope, steepens = curve @ at_none + pull, curve @ per_price
        joins = [np.where(free, np.nan, slope / (side - steepens)) for side in (1.0, -1.0)]
    prices = np.array([leaves, *joins])
    prices[~((prices > 0) & (prices < price * (1 - _CLOSE)))] = 0.0
    kind, which = np.unravel_index(prices.argmax(), prices.shape)
    lower, after = float(prices[kind, which]), signs.copy()
    x = at_none + lower * per_price
    if lower > 0:
        after[which] = (0.0, -1.0, 1.0)[kind]
        x[which] = 0.0
    return lower, x, after
