"""How sure we are: what the design of the sample asks for, whatever is compared."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np

from toolkit.estimate import Scale, back
from toolkit.estimate.found import Found
from toolkit.methods.risk import redrawn
from toolkit.numerics import people, student
from toolkit.numerics.jackknife import welch_df
from toolkit.sample import WEIGHTED, WITH, Sample
from toolkit.validate import counted

_FEW_DRAWS = 99  # an error from n draws is itself uncertain by a share of 1 / sqrt(2n): here 7%


class Contrast(Protocol):
    """A number to compare, and each person's part in its error."""

    def centre(self, sample: Sample) -> float:
        """The number."""

    def scores(self, sample: Sample, at: Sample) -> np.ndarray:
        """For people ``at``, values whose gap between the arms is as uncertain as the number."""


class Spread(NamedTuple):
    """A number, its standard error and degrees of freedom, how they were found, and what limits them."""

    centre: float
    std_error: float
    df: float
    method: str
    cautions: tuple[str, ...] = ()

    def told(self, scale: Scale, level: float) -> Found:
        """With its interval and the p-value of no difference, on the reader's scale."""
        ends = (self.centre, *student.interval(self.centre, self.std_error, self.df, level))
        value, low, high = (back(end, scale) for end in ends)
        p_value = student.two_sided(self.centre, self.std_error, self.df)
        return Found(value, low, high, self.std_error, p_value, self.method, self.cautions)


def spread(sample: Sample, contrast: Contrast, draws: int, seed: object) -> Spread:
    """The error that the design asks for: clusters, matches used again, weights estimated afresh, or none of these."""
    if sample.design == WEIGHTED and sample.remake is not None and draws:
        return _redrawn(sample, contrast, draws, seed)
    if sample.design == WITH:
        return _with_replacement(sample, contrast)
    if sample.match_id is not None:
        return _in_sets(sample, contrast)
    parts = people.apart(contrast.scores(sample, sample), sample.treated, sample.weight)
    weighted = bool(np.ptp(sample.weight[sample.treated]) or np.ptp(sample.weight[~sample.treated]))
    how = "robust to unequal spread, weights taken as known" if weighted else "unequal spread (Welch)"
    return _of(parts, contrast.centre(sample), how)


def _of(parts: people.Arms, centre: float, how: str) -> Spread:
    df = welch_df(parts)
    return Spread(
        centre, math.sqrt(sum(v for _, v in parts)), df, f"{how}, t with {df:.0f} degrees of freedom"
    )


def _in_sets(sample: Sample, contrast: Contrast) -> Spread:
    sets = sample.match_id
    scores = contrast.scores(sample, sample)
    parts = people.in_sets(scores, sample.treated, sample.weight, np.asarray(sets))
    return _of(parts, contrast.centre(sample), f"clustered by {counted(parts[0][0], 'matched set')}")


def _with_replacement(sample: Sample, contrast: Contrast) -> Spread:
    """Abadie and Imbens (2006); bootstrapping matches with replacement is wrong (Abadie and Imbens 2008)."""
    matches, origin = sample.matches, sample.origin
    scores = contrast.scores(sample, origin)
    alike = people.among_alike(scores, origin.treated, matches.places, matches.strata)  # type: ignore[union-attr]
    parts = people.with_replacement(scores, origin.weight, matches.pairs, alike)  # type: ignore[union-attr]
    return _of(parts, contrast.centre(sample), "Abadie and Imbens' error for matching with replacement")


def _redrawn(sample: Sample, contrast: Contrast, draws: int, seed: object) -> Spread:
    again = redrawn.centres(sample, contrast.centre, contrast.scores(sample, sample), draws, seed)
    known = again[np.isfinite(again)]
    parts = people.apart(contrast.scores(sample, sample), sample.treated, sample.weight)
    df, scale = welch_df(parts), _drawn_small(parts)
    how = f"bootstrap with the weights found afresh in each of {draws:,} draws, t with {df:.0f} degrees of freedom"
    lost = draws - len(known)
    said: tuple[str, ...] = ()
    if lost > draws / 100:
        said = (f"In {lost:,} of {draws:,} draws the weights could not be found.",)
    if draws < _FEW_DRAWS:
        said += (f"Only {draws} bootstrap draws: another seed would give another interval. Use 999.",)
    error = scale * float(known.std(ddof=1)) if len(known) > 1 else math.nan
    return Spread(contrast.centre(sample), error, df, how, said)


def _drawn_small(parts: people.Arms) -> float:
    """What a bootstrap's error is short by: drawing n from n understates the variance of a mean by (n - 1) / n."""
    whole, short = sum(v for _, v in parts), sum(v * (n - 1) / n for n, v in parts)
    return math.sqrt(whole / short) if short > 0 else 1.0
