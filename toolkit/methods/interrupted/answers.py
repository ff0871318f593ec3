"""From a fitted model to answers: estimates, the counterfactual line, and the cautions that go with them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from toolkit.estimate import Estimate, Scale, Segmented, back
from toolkit.methods.interrupted import alone, short
from toolkit.methods.interrupted.model import Model
from toolkit.methods.interrupted.record import Record
from toolkit.methods.interrupted.season import Season
from toolkit.numerics.mixture import Mixture
from toolkit.validate import counted

_WORDS = "incidents prevented: expected without the programme less observed"


def told(record: Record, model: Model, season: Season, *, errors: str, level: float) -> Segmented:
    """Every answer that the model gives."""
    found = estimates(record, model, season, errors=errors, level=level)
    effect = found["effect"]
    return Segmented(
        _line(record, model, level), effect, _prevented(record, model, effect), (record.periods[record.start],),
        measure=_measure(record, model), level_change=found["level_change"], slope_change=found["slope_change"],
        autocorrelation=_autocorrelation(model, errors), dispersion=model.dispersion, gaps=record.gaps,
    )  # fmt: skip


def estimates(
    record: Record, model: Model, season: Season, *, errors: str, level: float
) -> dict[str, Estimate]:
    """The overall effect, the level change and the slope change."""
    cautions = _cautions(record, model, season, errors)
    method = _method(record, model, season, errors)
    scale: Scale = "ratio" if model.ratio else "difference"

    def estimate(known: Mixture, estimand: str, against: str = "expected without the programme") -> Estimate:
        value, low, high = (back(float(end[0]), scale) for end in (known.mean(), *_ends(known, level)))
        return Estimate(value, low, high, float(known.spread()[0]), _p_value(known), estimand, method, scale, level,
                        1 if record.compared is None else 2, 1, cautions, against)  # fmt: skip

    after = record.after
    over = counted(int(after.sum()), record.noun)
    effect = estimate(model.total(after, _shares(record)), f"effect over {over} with the programme")
    step = estimate(
        model.level_change(), f"level change in the first {record.noun} with the programme",
        f"expected without the programme, in its first {record.noun}",
    )  # fmt: skip
    return {"effect": effect, "level_change": step, "slope_change": _slope(record, model, estimate, step)}


def _shares(record: Record) -> np.ndarray:
    """Each period's share of the effect on the difference scale: of the exposure where there is one, else alike."""
    reach = _reach(record)
    return reach / reach[record.after].sum()


def _reach(record: Record) -> np.ndarray:
    return np.ones(len(record.periods)) if record.exposure is None else record.exposure


def _slope(
    record: Record, model: Model, estimate: Callable[[Mixture, str, str], Estimate], step: Estimate
) -> Estimate:
    """The change of the trend per period, or an estimate of nothing where the model holds it at none."""
    words = f"change of the trend per {record.noun}"
    if _has_slope(model):
        slope = estimate(model.slope_change(), words, f"the trend before, for each further {record.noun}")
        return slope.with_cautions(*_late(record, model))
    ends = (0.0, math.inf) if model.ratio else (-math.inf, math.inf)
    said = (
        *step.cautions,
        "slope=False: the change is taken to be a step, so no change of slope is estimated",
    )
    return Estimate(math.nan, *ends, math.nan, math.nan, words, step.method, step.scale, step.level,
                    step.n_units, step.n_treated, said)  # fmt: skip


def _late(record: Record, model: Model) -> tuple[str, ...]:
    before, after = record.before.sum(), record.after.sum()
    return short.late(int(before), int(after)) if model.ratio and record.compared is None else ()


def _has_slope(model: Model) -> bool:
    changed = (model.with_programme != model.without).any(axis=0)
    return bool(changed.sum() == 2)


def _ends(known: Mixture, level: float) -> tuple[np.ndarray, np.ndarray]:
    return known.quantile(0.5 - level / 2), known.quantile(0.5 + level / 2)


def _p_value(known: Mixture) -> float:
    """Two-sided, of no change: twice the smaller tail, as the interval has equal tails."""
    below = float(known.below(np.zeros(1))[0])
    return min(1.0, 2 * min(below, 1 - below))


def _line(record: Record, model: Model, level: float) -> pd.DataFrame:
    """Observed and expected by period, with bounds of the expected line."""
    known = model.line()
    lines = np.stack([known.mean(), *_ends(known, level)]) + model.offset
    reach = record.exposure
    observed = record.outcome if model.ratio or reach is None else record.outcome / reach
    if model.ratio:
        lines = np.exp(lines)
    names = ("expected", "low", "high")
    columns = {"period": record.periods, "observed": observed} | dict(zip(names, lines, strict=True))
    return pd.DataFrame(columns)


def _prevented(record: Record, model: Model, effect: Estimate) -> Estimate:
    """Over the fitted periods with the programme: the effect and its interval mapped, so that both say the same."""
    after = record.after
    ends = (effect.value, effect.high, effect.low)
    if model.ratio:
        seen = float(record.outcome[after].sum())
        value, low, high = (seen * (1 / end - 1) if end > 0 else math.inf for end in ends)
    else:
        reach = float(_reach(record)[after].sum())
        value, low, high = (-reach * end for end in ends)
    return Estimate(
        value, low, high, math.nan, effect.p_value, _WORDS, effect.method, "difference", effect.level,
        effect.n_units, effect.n_treated, (*effect.cautions, *_not_counts(record)),
    )  # fmt: skip


def _not_counts(record: Record) -> tuple[str, ...]:
    known = record.outcome[~np.isnan(record.outcome)]
    if (known == np.round(known)).all():
        return ()
    return (
        f"{record.name} is not a count, so what was prevented is in its own units, added up over periods",
    )


def _autocorrelation(model: Model, errors: str) -> float:
    if errors != "autocorrelated":
        return math.nan
    return float(model.fits.weight @ (model.fits.share * model.fits.rho))


def _measure(record: Record, model: Model) -> str:
    """What the picture's axis says: a rate per exposure is told so on the difference scale."""
    return record.name if model.ratio or record.exposure is None else f"{record.name} per exposure"


def _method(record: Record, model: Model, season: Season, errors: str) -> str:
    """The model in words."""
    beside = " beside a comparison series" if record.compared is not None else ""
    family = "Poisson with dispersion" if model.ratio else "least squares"
    how = {
        "autocorrelated": "t, averaged over the autocorrelation that the series bears out",
        "newey_west": "Newey-West errors",
        "independent": "as if no period resembled the next",
    }[errors]
    left = "" if not record.gaps else f"; {counted(int((~record.fitted).sum()), record.noun)} left out"
    return f"segmented regression ({family}){beside}, {season.words or 'no season'}{left}; {how}"


def _cautions(record: Record, model: Model, season: Season, errors: str) -> tuple[str, ...]:
    """What limits the claim."""
    said = list(record.cautions)
    before, after = int(record.before.sum()), int(record.after.sum())
    if record.compared is None:
        said.append(alone.caution(before + after, errors))
    if season.possible and not season.words:
        said.append(
            "Season is not modelled, so where the months before and after differ it is part of the change"
        )
    if after > before:
        said.append(
            f"The trend of {counted(before, record.noun)} is carried forward over {after}, further than it was seen"
        )
    if errors != "autocorrelated":
        said.append("Errors of this kind are too small for short series whose neighbouring periods are alike")
    else:
        said.extend(short.caution(before + after, "ratio" if model.ratio else "difference", record.noun))
    return tuple(said)
