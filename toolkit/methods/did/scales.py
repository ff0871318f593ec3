"""The ratio and the difference model side by side, and where they disagree."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, get_args

import numpy as np
import pandas as pd

from toolkit.arms import Arms
from toolkit.display import figure
from toolkit.estimate import Estimate, Scale, merged
from toolkit.methods.did.imputed import att, effect_and_prevented
from toolkit.numerics import imputation
from toolkit.panel import Panel
from toolkit.validate import level_between


def both_scales(panel: Panel, *, inference: str = "auto", level: float = 0.95, draws: int = 9_999,
                seed: int | np.random.Generator | None = None) -> pd.DataFrame:  # fmt: skip
    """The effect on the treated by a ratio and by a difference model, each in per cent and as incidents prevented.

    A ratio model takes it that treated and comparison units would have changed in the same proportion, a difference
    model by the same amount. Where they lead to different conclusions the assumption decides, and the reader should
    know.

    Parameters
    ----------
    panel, inference, level, draws, seed
        As in :func:`att`.

    Returns
    -------
    DataFrame
        Two rows, ``model`` "ratio" and "difference": ``value low high std_error p_value`` on the model's own scale
        (:func:`att`), ``percent percent_low percent_high``, ``prevented prevented_low prevented_high``
        (:func:`counterfactual`), ``n_units n_treated level method cautions``. Of a difference d, the percentage is
        d / (mean observed - d), mapped through its interval; without a bound where nothing would have been expected.
        Each row's three intervals agree on whether they leave out no change, unless exposure varies
        (:func:`counterfactual`).

    Raises
    ------
    DesignError
        As :func:`att`.

    Notes
    -----
    Both rows carry a caution where the models disagree: one interval leaves out no change and the other does not, one
    finds a fall and the other a rise, or the incidents prevented by one lie outside the interval of the other.

    **Assumes** for each row what :func:`att` assumes on its scale. Both can hold only where the comparison did not
    change, or where treated and comparison units had the same level.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> table = did.both_scales(panel)
    >>> table[["model", "percent", "prevented"]].round(0)
            model  percent  prevented
    0       ratio    -32.0      405.0
    1  difference    -32.0      405.0
    """
    level = level_between(level)
    options: dict[str, Any] = {"inference": inference, "level": level, "draws": draws, "seed": seed}
    found = {
        scale: effect_and_prevented(panel, partial(att, scale=scale, **options)) for scale in get_args(Scale)
    }
    said = _disagree(*found["ratio"], *found["difference"])
    return pd.DataFrame([
        _row(model, effect, saved, _percentages(panel, effect), said) for model, (effect, saved) in found.items()
    ])  # fmt: skip


def _row(
    model: str, effect: Estimate, saved: Estimate, percent: list[float], said: tuple[str, ...]
) -> dict[str, object]:
    numbers = {name: getattr(effect, name) for name in ("value", "low", "high", "std_error", "p_value")}
    names = ("percent", "percent_low", "percent_high")
    cautions = merged(effect.cautions, saved.cautions, said)
    return {
        "model": model, **numbers, **dict(zip(names, percent, strict=True)),
        "prevented": saved.value, "prevented_low": saved.low, "prevented_high": saved.high,
        "n_units": effect.n_units, "n_treated": effect.n_treated, "level": effect.level, "method": effect.method,
        "cautions": " ".join(cautions),
    }  # fmt: skip


def _percentages(panel: Panel, effect: Estimate) -> list[float]:
    """The effect and the ends of its interval as changes in per cent of what was expected."""
    if effect.scale == "ratio":
        return [effect.percent, effect.percent_low, effect.percent_high]
    seen = _mean_observed(panel)
    return [_per_cent(end, seen) for end in (effect.value, effect.low, effect.high)]


def _per_cent(difference: float, seen: float) -> float:
    """D / (observed - d) in per cent; it grows with d, to infinity where nothing would have been expected."""
    if difference == -math.inf:
        return -100.0
    return 100 * difference / (seen - difference) if seen > difference else math.inf


def _mean_observed(panel: Panel) -> float:
    """The weighted mean outcome (per exposure where there is one) of the treated cells that can be estimated."""
    cells = Arms.of(panel, ratio=False).cells
    used = cells.treated & (cells.weight > 0) & ~np.isnan(imputation.expected(cells))
    return float(np.average(cells.y[used], weights=cells.weight[used]))


def _disagree(ratio: Estimate, saved: Estimate, difference: Estimate, spared: Estimate) -> tuple[str, ...]:
    """A caution where the two models would be told differently."""
    found = []
    clear = {model.scale: not model.low <= model.null <= model.high for model in (ratio, difference)}
    if clear["ratio"] != clear["difference"]:
        one, other = ("ratio", "difference") if clear["ratio"] else ("difference", "ratio")
        found.append(
            f"the interval of the {one} model leaves out no change, that of the {other} model does not"
        )
    if (ratio.value - ratio.null) * (difference.value - difference.null) < 0:
        found.append("one finds a fall and the other a rise")
    if not (_holds(spared, saved.value) and _holds(saved, spared.value)):
        numbers = (
            f"{figure(saved.value)} by the ratio model and {figure(spared.value)} by the difference model"
        )
        found.append(f"incidents prevented are {numbers}, outside the interval of the other")
    if not found:
        return ()
    return (
        f"The two models disagree: {'; '.join(found)}. They differ in what would have stayed the same without the "
        "programme, the proportion or the amount of change, so the answer leans on that assumption.",
    )


def _holds(estimate: Estimate, number: float) -> bool:
    return not math.isfinite(number) or estimate.low <= number <= estimate.high
