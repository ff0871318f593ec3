"""How many times more than Poisson counts the change of units' counts between two spans of time varies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from toolkit.numerics import fixed_effects

_SAME = 1e-9  # shares of the later span that differ by no more are one share


@dataclass(frozen=True, eq=False)
class Contrast:
    """What units recorded in the later of two spans, given both together.

    If all units changed alike and counts were Poisson, ``later`` of a unit would be binomial: ``total`` incidents, each
    in the later span with probability ``share``.

    Attributes
    ----------
    later, total, share : ndarray, shape (N,)
    by_period : float
        Pearson's dispersion of the counts period by period, about unit and period effects.
    """

    later: np.ndarray
    total: np.ndarray
    share: np.ndarray
    by_period: float

    @classmethod
    def of(
        cls, y: np.ndarray, weight: np.ndarray, exposure: np.ndarray | None, after: np.ndarray
    ) -> Contrast:
        """From counts of units by periods (``weight`` 0 at gaps) and which periods are later; units with both spans.

        One Poisson fit of unit and period effects says what each span would hold; over all periods of a unit it
        expects just what was recorded.
        """
        fit = fixed_effects.poisson(y, weight, exposure)
        mean = np.where(weight > 0, np.nan_to_num(fit.multiplicative(exposure)), 0.0)
        seen = np.where(weight > 0, y, 0.0)
        parts = mean[:, ~after].sum(1), mean[:, after].sum(1)
        both = (parts[0] > 0) & (parts[1] > 0)
        cells = (mean > 0) & both[:, None]
        free = cells.sum() - both.sum() - cells.any(0).sum() + 1
        gaps = np.where(cells, (seen - mean) ** 2 / np.where(cells, mean, 1.0), 0.0)
        total = seen[both].sum(1)
        share = parts[1][both] / (parts[0][both] + parts[1][both])
        return cls(
            seen[both][:, after].sum(1), total, share, float(gaps.sum() / free) if free > 0 else np.nan
        )

    @property
    def variance(self) -> np.ndarray:
        """Of ``later``, by chance alone; shape (N,)."""
        return self.total * self.share * (1 - self.share)

    @property
    def alike(self) -> bool:
        """Is the share one and the same?"""
        return bool(np.ptp(self.share) <= _SAME)

    def phi(self) -> float:
        """Squared gaps between ``later`` and its mean over what Poisson counts would give: 1 is chance alone.

        The common change is estimated from the same gaps, which takes sum v^2 / sum v from their expectation. Each unit
        counts by its size, as it does in the variance of a total over units.
        """
        v = self.variance
        return float(((self.later - self.total * self.share) ** 2).sum() / (v.sum() - (v**2).sum() / v.sum()))

    def at_chance(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Phi of ``draws`` sets of Poisson counts whose units all change alike, given their totals; shape (draws,).

        With one share the later counts are also given their sum, multivariate hypergeometric, which is exact; with
        exposures or gaps they are binomial, and the common change is estimated again.
        """
        order = np.lexsort([np.round(self.share, 9), self.total])  # by the data, so that names do not matter
        total, share, v = self.total[order].astype(np.int64), self.share[order], self.variance[order]
        if self.alike:
            drawn = rng.multivariate_hypergeometric(
                total, int(self.later.sum()), size=draws, method="marginals"
            )
            gaps = drawn - total * share
        else:
            gaps = rng.binomial(total, share, size=(draws, len(v))) - total * share
            gaps = gaps - gaps.sum(1, keepdims=True) * v / v.sum()
        return np.asarray((gaps**2).sum(1) / (v.sum() - (v**2).sum() / v.sum()))

    def interval(self, level: float) -> tuple[float, float]:
        """Of phi: a scaled chi-square with Satterthwaite's degrees of freedom.

        What units vary beyond chance is taken to grow with their size squared, as it does where their rates drift:
        w = v + k v^2. A squared binomial gap varies by 2 w^2 + v (1 - 6 share (1 - share)).
        """
        v, phi = self.variance, self.phi()
        w = v + max(phi - 1, 0.0) * v.sum() / (v**2).sum() * v**2
        spread = (2 * w**2 + v * (1 - 6 * self.share * (1 - self.share))).sum()
        df = 2 * w.sum() ** 2 / spread * (len(v) - 1) / len(v)
        low, high = (float(stats.chi2.ppf(end, df)) for end in (0.5 + level / 2, 0.5 - level / 2))
        return float(phi * df / low), float(phi * df / high)
