"""Confidence sets for an effect when trends may part after a start by so many times their largest change before it.

Rambachan and Roth (2023), section 2.4.1: with slopes d_t = delta_t - delta_(t-1) of the gap that nothing done would
have left, abs(d_t) <= m max_s abs(d_s), t from the start on and s before it. That is a union, over which s and
which sign, of cones; the confidence set is the union of those of each (their Lemma 2.2), here by the conditional
test of Andrews, Roth and Pakes (2023) with a least-favourable first stage of size (1 - level) / 10 ("C-LF" in the
papers).

For one cone the moments are abs(d_t) <= m D, with D = +/- d_s, and the effects but for one weighted sum are free.
The vertices of the dual of their linear programme can then be written down: one that bounds the effect from above,
one from below, and one for each t that says only D >= 0. So the test needs two numbers, the estimated effect and
the estimated D, and no linear programme; of the last kind only the one of most and the one of least weight can
bind.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from toolkit.numerics import crossing

_FAR, _GRID, _HALVINGS = 8.5, 129, 45
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(160)
_SAME = 1e-9  # moments so alike that neither says where the other stops
_TINY = 1e-300


class Slopes(NamedTuple):
    """Estimated changes between neighbouring event times, and what is asked of them.

    ``change`` has shape (P + K,): P changes up to the base, K from it on; ``covariance`` is theirs; ``weights``,
    shape (K,), make the effect out of the last K.
    """

    change: np.ndarray
    covariance: np.ndarray
    weights: np.ndarray

    @property
    def before(self) -> int:
        """P, how many changes lie before the start."""
        return len(self.change) - len(self.weights)


class _Cones(NamedTuple):
    """For each of Q cones four moments: rows of coefficients on the effect and D, and the data they are taken at."""

    on: np.ndarray  # (Q, 4, 2), of the effect (less the null) and of D
    at: np.ndarray  # (Q, 2), the effect and D as estimated
    spread: np.ndarray  # (Q, 2, 2), their covariance
    critical: np.ndarray  # (Q,), of the first stage


def interval(slopes: Slopes, m: float, level: float) -> tuple[float, float]:
    """The lowest and the highest effect that some cone does not reject."""
    cones = _with_first_stage(_cones(slopes, np.array([m])), level)
    low, high = _reach(cones)
    wide = np.flatnonzero(low < high)
    cones, low, high = _some(cones, wide), low[wide], high[wide]
    grid = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, _GRID)
    kept = _keeps(cones, grid, level)
    seen = np.flatnonzero(kept.any(axis=1))
    cones, grid, kept = _some(cones, seen), grid[seen], kept[seen]
    first, last = kept.argmax(axis=1), _GRID - 1 - kept[:, ::-1].argmax(axis=1)
    rows, out = np.arange(len(grid)), np.clip(np.column_stack([first - 1, last + 1]), 0, _GRID - 1)
    inside, outside = grid[rows[:, None], np.column_stack([first, last])], grid[rows[:, None], out]
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        stays = _keeps(cones, middle, level)
        inside, outside = np.where(stays, middle, inside), np.where(stays, outside, middle)
    return float(inside[:, 0].min()), float(inside[:, 1].max())


def breakdown(slopes: Slopes, level: float) -> float:
    """The least m at which no effect is not rejected: 0 if it is not even with parallel trends.

    At m = abs(effect) / (sum of weights x the largest change) no effect is within what was estimated, so that the
    root lies below it. Where the changes are estimated as none, a hundredth of their error stands for them.
    """
    errors = np.sqrt(np.diag(slopes.covariance)[: slopes.before])
    most = float(np.maximum(np.abs(slopes.change[: slopes.before]), errors / 100).max())
    top = abs(_effect(slopes)) / (np.abs(slopes.weights).sum() * most)
    return crossing.least(lambda m: _holds(slopes, m, level), top)


def _some(cones: _Cones, chosen: np.ndarray) -> _Cones:
    return _Cones(*(part[chosen] for part in cones))


def _holds(slopes: Slopes, m: np.ndarray, level: float) -> np.ndarray:
    """Whether some cone keeps an effect of zero, for each m.

    The higher the critical value of the first stage, the more is kept, and it lies between that of the moment which
    scatters most alone and Bonferroni's: it is worked out only where these two disagree.
    """
    cones = _cones(slopes, m)
    scatter = np.sqrt(np.einsum("qia,qab,qib->qi", cones.on, cones.spread, cones.on).max(axis=1))
    size, nulls = (1 - level) / 10, np.zeros((len(cones.at), 1))
    least, most = scatter * stats.norm.isf(size), np.full(len(scatter), stats.norm.isf(size / 4))
    kept, perhaps = (_keeps(cones._replace(critical=c), nulls, level)[:, 0] for c in (least, most))
    settled = np.repeat(kept.reshape(len(m), -1).any(axis=1), len(kept) // len(m))
    open_ = np.flatnonzero(perhaps & ~settled)
    if len(open_):
        some = _with_first_stage(_some(cones, open_), level)
        kept[open_] = _keeps(some, nulls[open_], level)[:, 0]
    return np.asarray(kept.reshape(len(m), -1).any(axis=1))


def _effect(slopes: Slopes) -> float:
    return float(slopes.weights @ slopes.change[slopes.before :])


def _cones(slopes: Slopes, m: np.ndarray) -> _Cones:
    """The cones of every m, change and sign, Q = len(m) x P x 2, without the critical value of the first stage."""
    before, w = slopes.before, slopes.weights
    own, with_own = slopes.covariance[before:, before:], slopes.covariance[before:, :before]
    times, s, sign = (part.ravel() for part in np.meshgrid(m, np.arange(before), [1.0, -1.0], indexing="ij"))
    s = s.astype(int)
    variance, shared = slopes.covariance[s, s], sign * with_own[:, s]  # of D; with each later change, (K, Q)
    total = np.diag(own)[:, None] + times**2 * variance
    up, down = (np.sqrt(np.maximum(total + k * times * shared, 0.0)) for k in (-2, 2))
    sizes, rising = np.abs(w), (w >= 0)[:, None]
    above, below = sizes @ np.where(rising, up, down), sizes @ np.where(rising, down, up)
    width, reach = up + down, times * sizes.sum()
    on = np.zeros((len(s), 4, 2))
    on[:, 0, 0], on[:, 1, 0] = 1 / above, -1 / below
    on[:, 0, 1], on[:, 1, 1] = -reach / above, -reach / below
    on[:, 2, 1], on[:, 3, 1] = -2 * times / width.max(axis=0), -2 * times / width.min(axis=0)
    at = np.column_stack([np.full(len(s), _effect(slopes)), sign * slopes.change[s]])
    both = w @ shared
    spread = np.stack([np.full(len(s), w @ own @ w), both, both, variance], axis=1).reshape(-1, 2, 2)
    return _Cones(on, at, spread, np.full(len(s), np.nan))


def _with_first_stage(cones: _Cones, level: float) -> _Cones:
    return cones._replace(critical=_least_favourable(cones, (1 - level) / 10))


def _least_favourable(cones: _Cones, size: float) -> np.ndarray:
    """What the largest moment exceeds with probability ``size`` where all are zero in expectation; shape (Q,)."""
    low, high = np.zeros(len(cones.at)), np.full(len(cones.at), stats.norm.isf(size / 4))
    for _ in range(30):
        middle = (low + high) / 2
        enough = _all_below(cones, middle) >= 1 - size
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return (low + high) / 2


def _all_below(cones: _Cones, c: np.ndarray) -> np.ndarray:
    """The probability that no moment exceeds c: over D by quadrature, and given D over the effect; shape (Q,)."""
    effect, change = np.sqrt(cones.spread[:, 0, 0]), np.sqrt(cones.spread[:, 1, 1])
    shared = cones.spread[:, 0, 1] / np.maximum(effect * change, _TINY)
    rest = np.maximum(effect * np.sqrt(np.maximum(1 - shared**2, 0.0)), _TINY)[:, None]
    with np.errstate(divide="ignore"):
        least = np.maximum(-c / np.abs(cones.on[:, 3, 1] * change), -_FAR)  # D at which its own moment is c
    half = (_FAR - least) / 2
    z = (least + half)[:, None] + half[:, None] * _NODES
    centre, d = (shared * effect)[:, None] * z, change[:, None] * z
    (over, over_d), (under, under_d) = cones.on[:, 0].T, cones.on[:, 1].T
    top = (c[:, None] - over_d[:, None] * d) / over[:, None]
    bottom = (c[:, None] - under_d[:, None] * d) / under[:, None]
    inside = special.ndtr((top - centre) / rest) - special.ndtr((bottom - centre) / rest)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return half * ((inside * density) @ _NODE_WEIGHTS)


def _reach(cones: _Cones) -> tuple[np.ndarray, np.ndarray]:
    """The effects at which the first and the second moment are at the critical value of the first stage."""
    ends = []
    for j in (0, 1):
        own, on_d = cones.on[:, j].T
        ends.append(cones.at[:, 0] - (cones.critical - on_d * cones.at[:, 1]) / own)
    return ends[0], ends[1]


def _keeps(cones: _Cones, nulls: np.ndarray, level: float) -> np.ndarray:
    """Whether the two-stage test keeps each null; both of shape (Q, T).

    The second stage compares the largest moment with its normal distribution, cut off where another moment would be
    the largest and where the first stage would have rejected.
    """
    gaps = np.stack([cones.at[:, :1] - nulls, np.broadcast_to(cones.at[:, 1:], nulls.shape)], axis=-1)
    moments = np.einsum("qia,qta->qti", cones.on, gaps)
    best, largest = moments.argmax(axis=2), moments.max(axis=2)
    shared = np.einsum("qia,qab,qjb->qij", cones.on, cones.spread, cones.on)
    rows = np.arange(len(nulls))[:, None]
    variance = shared[rows, best, best]
    error = np.sqrt(np.maximum(variance, _TINY))
    slope = shared[rows, :, best] / np.maximum(variance, _TINY)[..., None]
    low, high = _cut(moments, slope, largest)
    first, size = cones.critical[:, None], (1 - level) / 10
    beyond = _tail(largest / error, low / error, np.minimum(high, first) / error)
    keeps = beyond >= (1 - level - size) / (1 - size)
    return np.where(largest > first, False, keeps | (largest <= 0))


def _cut(moments: np.ndarray, slope: np.ndarray, largest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between what the largest moment can move and stay the largest, what is independent of it held; shape (Q, T)."""
    apart = 1 - slope
    with np.errstate(divide="ignore", invalid="ignore"):
        meets = (moments - slope * largest[..., None]) / apart
    low = np.where(apart > _SAME, meets, -np.inf).max(axis=2)
    high = np.where(apart < -_SAME, meets, np.inf).min(axis=2)
    return np.minimum(low, largest), np.maximum(high, largest)


def _tail(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The probability that a standard normal between ``low`` and ``high`` exceeds x, in logs so that far tails hold."""
    at, start, end = (special.log_ndtr(-edge) for edge in (x, low, np.maximum(high, x)))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.exp(at - start) * np.expm1(end - at) / np.expm1(end - start)
    return np.where(np.isfinite(share), share, 0.0)
